// Keys and tokens for tests, made when they are needed.

import type { AccessAnswer, AccessRequest, Authorize } from "@throughline/server";
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from "jose";

export const SECRET = "a secret of tests, which has to be at least 64 bytes long for HS512.";

/** Rights to everything. */
const ALL = { read: ["**"], write: ["**"] };

export interface TokenOptions {
  readonly alg?: string;
  readonly kid?: string;
  /** Seconds from now; `null` for none. */
  readonly expiresInS?: number | null;
  readonly claims?: Readonly<Record<string, unknown>>;
}

type SigningKey = Parameters<SignJWT["sign"]>[0];

/** A token with rights to everything, unless it is told otherwise. */
export function sign(key: SigningKey, options: TokenOptions = {}): Promise<string> {
  const { alg = "HS256", kid, expiresInS = 60, claims = {} } = options;
  const payload = { sub: "alice", throughline: ALL, ...claims };
  const header = kid === undefined ? { alg } : { alg, kid };
  const token = new SignJWT(payload).setProtectedHeader(header);
  if (expiresInS !== null) token.setExpirationTime(nowS() + expiresInS);
  return token.sign(key);
}

/** A token of the shared secret. */
export function signShared(options: TokenOptions = {}): Promise<string> {
  return sign(Buffer.from(SECRET), options);
}

export function nowS(): number {
  return Math.floor(Date.now() / 1000);
}

export interface KeyPair {
  readonly privateKey: SigningKey;
  readonly pem: string;
  readonly jwk: JWK;
}

export async function makeKeyPair(alg: string): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, pem: await exportSPKI(publicKey), jwk: await exportJWK(publicKey) };
}

export interface Asking {
  readonly action?: "subscribe" | "publish";
  readonly stream?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks a hook. */
export async function ask(hook: Authorize, asking: Asking = {}): Promise<AccessAnswer> {
  const { action = "subscribe", stream = "news", headers = {} } = asking;
  const request: AccessRequest = {
    action,
    stream,
    topics: undefined,
    header: (name) => headers[name.toLowerCase()],
    request: new Request("http://hub/", { headers }),
  };
  return hook(request);
}

/** Asks a hook with a token as it is usually shown. */
export function askWith(hook: Authorize, token: string, asking: Asking = {}) {
  return ask(hook, { ...asking, headers: { authorization: `Bearer ${token}`, ...asking.headers } });
}
