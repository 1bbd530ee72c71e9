// Which algorithms go with which key. A token names its own algorithm; that it may name only those
// of the key at hand is what keeps a public key from being taken for a secret (RFC 8725 §3.1).

import type { KeyObject } from "node:crypto";

/** A way to sign a token, by its registered name (RFC 7518, RFC 8037, RFC 9864). `none` is none. */
export type JwtAlgorithm = (typeof SECRET)[number] | (typeof PUBLIC)[number];

const SECRET = ["HS256", "HS384", "HS512"] as const;

const RSA_PSS = ["PS256", "PS384", "PS512"] as const;
const RSA = ["RS256", "RS384", "RS512", ...RSA_PSS] as const;
const ED25519 = ["EdDSA", "Ed25519"] as const;
const PUBLIC = [...RSA, "ES256", "ES384", "ES512", ...ED25519] as const;

/** What a set of public keys may be used with; which of them, each key decides by its kind. */
export const PUBLIC_ALGORITHMS: readonly JwtAlgorithm[] = PUBLIC;

/** Fewer bits of an RSA key are refused: RFC 7518 §3.3. */
export const LEAST_RSA_BITS = 2048;

/** A secret must be as long as the hash is, in bytes: RFC 7518 §3.2. */
export const LEAST_SECRET_BYTES = 32;

/** What a secret of this length may be used with; nothing where it is too short. */
export function secretAlgorithms(byteLength: number): readonly JwtAlgorithm[] {
  return SECRET.filter((name) => byteLength * 8 >= Number(name.slice(2)));
}

/** What a public key may be used with; nothing where it is too weak, or of no kind for this. */
export function publicAlgorithms({
  asymmetricKeyType: kind,
  asymmetricKeyDetails: details,
}: KeyObject): readonly JwtAlgorithm[] {
  const isStrong = (details?.modulusLength ?? 0) >= LEAST_RSA_BITS;
  switch (kind) {
    case "rsa":
      return isStrong ? RSA : [];
    case "rsa-pss":
      return isStrong ? RSA_PSS : [];
    case "ec":
      return CURVES[details?.namedCurve ?? ""] ?? [];
    case "ed25519":
      return ED25519;
    default:
      return [];
  }
}

const CURVES: Readonly<Record<string, readonly JwtAlgorithm[]>> = {
  prime256v1: ["ES256"],
  secp384r1: ["ES384"],
  secp521r1: ["ES512"],
};
