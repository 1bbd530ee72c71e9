// The options of token authorization: what they mean, their defaults, and the relations between them.

import type { JSONWebKeySet, JWK } from "jose";
import { integerOption, invalidOption } from "../hub/option-checks.js";
import type { JwtAlgorithm } from "./algorithms.js";

/** What tokens are verified with. The kind of the key decides which algorithms are accepted. */
export type JwtKeys =
  /** A shared secret of at least 32 bytes (a text counts as UTF-8): HS256, with 48 HS384, with 64 HS512. */
  | { readonly secret: string | Uint8Array }
  /** One public key as PEM (also in a certificate) or JWK: RS, PS, ES or EdDSA by its kind. */
  | { readonly publicKey: string | JWK }
  /** Several public keys; a token names its own by `kid`. */
  | { readonly jwks: JSONWebKeySet }
  /** The same, from the issuer, who may change them. */
  | RemoteKeys;

/** Public keys that are fetched from their issuer. */
export interface RemoteKeys {
  /** Must be https, unless the host is this machine. */
  readonly jwksUrl: string | URL;
  /**
   * Milliseconds for which fetched keys are used without asking again. Default 600 000; a key that
   * the issuer takes back is accepted for so much longer, and for up to 6 hours while the issuer
   * cannot be reached. At least 1000, at most a day.
   */
  readonly cacheMs?: number | undefined;
  /**
   * Least milliseconds between two fetches because of a key that is not known. Default 30 000, so
   * that made-up tokens cannot make the hub ask more often. At most a day.
   */
  readonly cooldownMs?: number | undefined;
  /** Whether http will do for other hosts: whoever is between can then make tokens. Default `false`. */
  readonly allowPlainHttp?: boolean | undefined;
}

/** A cookie that holds the token. */
export interface JwtCookie {
  readonly name: string;
  /**
   * Origins whose pages may publish with the cookie, beside those of the hub's own origin. Default:
   * none. Reading needs no such leave: `cors` decides which pages can.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/** How tokens are read. */
export interface JwtAuthorizerOptions {
  readonly keys: JwtKeys;
  /** Accepts fewer algorithms than the kind of key allows. */
  readonly algorithms?: readonly JwtAlgorithm[] | undefined;
  /** Accepted values of `iss`. Default: any, which is right only where a key belongs to one issuer. */
  readonly issuer?: string | readonly string[] | undefined;
  /** Accepted values of `aud`, one of which a token must have. Default: any. */
  readonly audience?: string | readonly string[] | undefined;
  /** By how many seconds clocks may differ. Default 5: machines that are set by NTP. At most 300. */
  readonly clockToleranceS?: number | undefined;
  /** Whether a token must say when it ends. Default `true`: what was lost is harmless some day. */
  readonly requireExpiry?: boolean | undefined;
  /** The claim with the rights. Default `"throughline"`. */
  readonly claim?: string | undefined;
  /** Looks for the token in a cookie where there is no `Authorization` header. Default: does not. */
  readonly cookie?: JwtCookie | undefined;
}

/** The options with everything decided, but for the keys. */
export interface JwtSettings {
  readonly issuer: string[] | undefined;
  readonly audience: string[] | undefined;
  readonly clockToleranceS: number;
  readonly requireExpiry: boolean;
  readonly claim: string;
  readonly cookie:
    | { readonly name: string; readonly allowedOrigins: ReadonlySet<string> }
    | undefined;
}

/** @throws StreamError `invalid-option` */
export function resolveJwtOptions(options: JwtAuthorizerOptions): JwtSettings {
  const { claim = "throughline", requireExpiry = true, cookie } = options;
  if (typeof claim !== "string" || claim === "") {
    throw invalidOption("claim", "the name of a claim", typeof claim);
  }
  if (typeof requireExpiry !== "boolean") {
    throw invalidOption("requireExpiry", "true or false", typeof requireExpiry);
  }
  return {
    issuer: resolveTexts("issuer", options.issuer),
    audience: resolveTexts("audience", options.audience),
    clockToleranceS: integerOption("clockToleranceS", options.clockToleranceS ?? 5, 0, 300),
    requireExpiry,
    claim,
    cookie: cookie === undefined ? undefined : resolveCookie(cookie),
  };
}

function resolveCookie({ name, allowedOrigins = [] }: JwtCookie): JwtSettings["cookie"] {
  // The characters of a token (RFC 6265 §4.1.1, RFC 9110 §5.6.2).
  if (typeof name !== "string" || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    throw invalidOption("cookie.name", "the name of a cookie", typeof name);
  }
  const origins: unknown = allowedOrigins;
  if (!Array.isArray(origins) || !origins.every((origin) => isWebOrigin(origin))) {
    throw invalidOption(
      "cookie.allowedOrigins",
      "a list of origins like https://app.example",
      origins,
    );
  }
  return { name, allowedOrigins: new Set(allowedOrigins) };
}

function isWebOrigin(origin: unknown): boolean {
  return typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin;
}

/** An empty list would accept nothing, or everything, depending on who reads it. */
function resolveTexts(
  name: string,
  value: string | readonly string[] | undefined,
): string[] | undefined {
  if (value === undefined) return undefined;
  const texts: unknown[] = typeof value === "string" ? [value] : [...value];
  const isText = (text: unknown): text is string => typeof text === "string" && text !== "";
  if (texts.length > 0 && texts.every(isText)) return texts;
  throw invalidOption(name, "a text that is not empty, or a list of such", typeof value);
}
