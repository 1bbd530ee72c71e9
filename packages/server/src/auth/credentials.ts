// Where the token of a request stands, and whether it may be used from there.

import type { AccessRequest } from "../hub/access.js";
import type { JwtSettings } from "./jwt-options.js";

/** What a request shows. */
export type Credentials =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "none" }
  /** There is a token that the browser added by itself, perhaps for another site's page. */
  | { readonly kind: "foreign-page" };

/**
 * Finds the token: in `Authorization: Bearer` (RFC 6750 §2.1), or in the cookie. The header wins, also
 * with a token that is no good: whoever shows two of them means the one that a program chose.
 */
export function findCredentials(
  request: AccessRequest,
  cookie: JwtSettings["cookie"],
): Credentials {
  const bearer = /^bearer +(.*)$/i.exec(request.header("authorization") ?? "");
  if (bearer !== null) return { kind: "token", token: bearer[1] ?? "" };
  if (cookie === undefined) return { kind: "none" };
  const token = readCookie(request.header("cookie") ?? "", cookie.name);
  if (token === undefined) return { kind: "none" };
  const isSafe = request.action === "subscribe" || isFromOwnPage(request, cookie.allowedOrigins);
  return isSafe ? { kind: "token", token } : { kind: "foreign-page" };
}

/** The first of a name: browsers send the most specific path first (RFC 6265 §5.4). */
function readCookie(header: string, name: string): string | undefined {
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    const value = pair.slice(at + 1).trim();
    return /^".*"$/.test(value) ? value.slice(1, -1) : value;
  }
  return undefined;
}

/**
 * Whether a request that changes something comes from a page that may do so. Browsers say where from,
 * and no page can make them say something else; what says nothing is not let in by a cookie.
 */
function isFromOwnPage({ header }: AccessRequest, allowed: ReadonlySet<string>): boolean {
  const origin = header("origin");
  if (origin !== undefined && allowed.has(origin)) return true;
  const site = header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin";
  // Older browsers, and pages without TLS. A proxy that changes `Host` makes this fail, not succeed.
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === header("host");
}
