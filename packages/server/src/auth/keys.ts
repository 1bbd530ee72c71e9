// From the keys of the options to what `jose` verifies with. Keys never stand in a message.

import { createPublicKey, type KeyObject } from "node:crypto";
import { createLocalJWKSet, type JWK, type JWTVerifyGetKey } from "jose";
import { invalidOption } from "../hub/option-checks.js";
import {
  type JwtAlgorithm,
  LEAST_RSA_BITS,
  LEAST_SECRET_BYTES,
  PUBLIC_ALGORITHMS,
  publicAlgorithms,
  secretAlgorithms,
} from "./algorithms.js";
import type { JwtKeys } from "./jwt-options.js";
import { createRemoteKeys } from "./remote-keys.js";

/** How a token is verified. */
export interface Verification {
  /** Finds the key for a token, by what its header says. */
  readonly keyOf: JWTVerifyGetKey;
  readonly algorithms: readonly JwtAlgorithm[];
}

/**
 * Reads the keys.
 *
 * @param only accepts no other algorithms than these
 * @throws StreamError `invalid-option`
 */
export function resolveKeys(keys: JwtKeys, only?: readonly JwtAlgorithm[]): Verification {
  const { keyOf, algorithms } = readKeys(keys);
  if (only === undefined) return { keyOf, algorithms };
  if (Array.isArray(only) && only.length > 0 && only.every((name) => algorithms.includes(name))) {
    return { keyOf, algorithms: only };
  }
  throw invalidOption("algorithms", `some of ${algorithms.join(", ")} with this key`, only);
}

function readKeys(keys: JwtKeys): Verification {
  const kinds = Object.keys(keys ?? {}).filter((member) => KINDS.includes(member));
  // Of two, one would be believed in silently.
  if (kinds.length !== 1) {
    throw invalidOption(
      "keys",
      `one of ${KINDS.join(", ")}`,
      kinds.join(" and ") || "none of them",
    );
  }
  if ("secret" in keys) return readSecret(keys.secret);
  if ("publicKey" in keys) return readPublicKey(keys.publicKey);
  if ("jwks" in keys) return readSet(keys.jwks);
  return { keyOf: createRemoteKeys(keys), algorithms: PUBLIC_ALGORITHMS };
}

const KINDS = ["secret", "publicKey", "jwks", "jwksUrl"];

function readSecret(secret: string | Uint8Array): Verification {
  const name = "keys.secret";
  const isBytes = secret instanceof Uint8Array;
  if (!isBytes && typeof secret !== "string")
    throw invalidOption(name, "a text or bytes", typeof secret);
  const bytes = Uint8Array.from(isBytes ? secret : Buffer.from(secret, "utf8"));
  const algorithms = secretAlgorithms(bytes.length);
  if (algorithms.length === 0) {
    throw invalidOption(name, `at least ${LEAST_SECRET_BYTES} bytes`, `${bytes.length}`);
  }
  return { keyOf: async () => bytes, algorithms };
}

function readPublicKey(source: string | JWK): Verification {
  const key = toKeyObject(source);
  const possible = key === undefined ? [] : publicAlgorithms(key);
  const named = typeof source === "string" ? undefined : source.alg;
  const algorithms = possible.filter((name) => named === undefined || name === named);
  if (key === undefined || algorithms.length === 0) {
    const expected =
      `a public key as PEM or JWK: RSA with at least ${LEAST_RSA_BITS} bits, EC on P-256, P-384 ` +
      "or P-521, or Ed25519";
    throw invalidOption("keys.publicKey", expected, "something else");
  }
  return { keyOf: async () => key, algorithms };
}

function toKeyObject(source: string | JWK): KeyObject | undefined {
  if (isPrivate(source)) {
    throw invalidOption("keys.publicKey", "the public part, which is enough", "a private key");
  }
  try {
    return typeof source === "string"
      ? createPublicKey(source)
      : createPublicKey({ key: { ...source }, format: "jwk" });
  } catch {
    // What is wrong with it is told by the caller: the library's message may quote it.
    return undefined;
  }
}

function isPrivate(source: string | JWK): boolean {
  return typeof source === "string" ? source.includes("PRIVATE KEY") : source?.d !== undefined;
}

function readSet(jwks: Parameters<typeof createLocalJWKSet>[0]): Verification {
  try {
    return { keyOf: createLocalJWKSet(jwks), algorithms: PUBLIC_ALGORITHMS };
  } catch {
    // As above.
    throw invalidOption("keys.jwks", 'a JWK set, { "keys": […] }', typeof jwks);
  }
}
