// Who a request comes from, as far as the backend can tell: the cookies and headers that the operator
// named, and nothing else.

import { createHash } from "node:crypto";
import type { IdentityRules } from "./options.js";

/** Reads a header of a request by its name in lower case, repeated ones joined as Node joins them. */
export interface HeaderReader {
  header(name: string): string | undefined;
}

/**
 * A longer value is taken as not there: it is neither shown nor compared. gunicorn takes no header line
 * above 8190 bytes, so nobody who is let in has one.
 */
export const MAX_IDENTITY_VALUE = 8190;

/** A name and its value; `undefined` where the request has none. */
type Entry = readonly [name: string, value: string | undefined];

/**
 * The headers by which the backend knows somebody: what of a request is shown to it. Of a cookie that
 * comes several times the first one is, which is the one that werkzeug takes since 1.0 (issue 1118),
 * and Express, and Go; a backend that takes the last sees just that one as well.
 */
export function identityHeaders(
  request: HeaderReader,
  rules: IdentityRules,
): Readonly<Record<string, string>> {
  const cookies = cookiesOf(request, rules)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`);
  const headers: Record<string, string> = {};
  for (const [name, value] of headersOf(request, rules)) {
    if (value !== undefined) headers[name] = value;
  }
  return cookies.length === 0 ? headers : { ...headers, cookie: cookies.join("; ") };
}

/**
 * Stands for what `identityHeaders` shows: the first 128 bits of a SHA-256 hash, as 22 characters that
 * fit a stream's name. The same for the same values, whatever else a request has; a value that is
 * empty is another one than none. It cannot be turned back, and is too long to be met by chance.
 */
export function identityKey(request: HeaderReader, rules: IdentityRules): string {
  // JSON says where each value ends, whatever stands in it.
  const told = JSON.stringify({
    cookies: cookiesOf(request, rules).map(toJson),
    headers: headersOf(request, rules).map(toJson),
  });
  return createHash("sha256").update(told).digest().subarray(0, 16).toString("base64url");
}

function toJson([name, value]: Entry): readonly [string, string | null] {
  return [name, value ?? null];
}

function cookiesOf(request: HeaderReader, { cookies }: IdentityRules): readonly Entry[] {
  const found = parseCookies(request.header("cookie") ?? "");
  return sorted(cookies).map((name) => [name, bounded(found.get(name))]);
}

function headersOf(request: HeaderReader, { headers }: IdentityRules): readonly Entry[] {
  const names = sorted(headers.map((name) => name.toLowerCase()));
  return names.map((name) => [name, bounded(request.header(name))]);
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

function bounded(value: string | undefined): string | undefined {
  return value !== undefined && value.length <= MAX_IDENTITY_VALUE ? value : undefined;
}

/** By name, which is compared in its case, the value as it stands. As werkzeug reads a `Cookie` header. */
function parseCookies(header: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    const name = (at === -1 ? pair : pair.slice(0, at)).trim();
    const value = at === -1 ? "" : pair.slice(at + 1).trim();
    if (name !== "" && !found.has(name)) found.set(name, value);
  }
  return found;
}
