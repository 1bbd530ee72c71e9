// How a token is refused: RFC 6750 §3. Nothing of the token stands in a refusal.

import { errors } from "jose";
import type { AccessDenial } from "../hub/access.js";

const SCHEME = 'Bearer realm="throughline"';

/** Nothing was shown: no error yet (RFC 6750 §3.1). */
export const NO_TOKEN: AccessDenial = {
  status: 401,
  detail: "A token is needed for this.",
  challenge: SCHEME,
};

/** The token is good, and does not cover this. */
export const NO_RIGHT: AccessDenial = {
  status: 403,
  detail: "The token does not allow this.",
  challenge: `${SCHEME}, error="insufficient_scope"`,
};

/** The token came along with a request of somebody else's page. */
export const FOREIGN_PAGE: AccessDenial = {
  status: 403,
  detail: "Publishing with a cookie is for pages of this origin, and of those that were allowed.",
};

/** @param detail a sentence without quotes, which stands in the header too */
export function invalidToken(detail: string): AccessDenial {
  const challenge = `${SCHEME}, error="invalid_token", error_description="${detail}"`;
  return { status: 401, detail, challenge };
}

/**
 * The refusal for a token that could not be verified.
 *
 * @throws what is not the token's fault, such as keys that cannot be fetched
 */
export function denialOf(error: unknown): AccessDenial {
  if (error instanceof errors.JWTExpired) return invalidToken("The token has expired.");
  if (error instanceof errors.JWTClaimValidationFailed) {
    const name = KNOWN_CLAIMS.find((claim) => claim === error.claim);
    return invalidToken(`The claim ${name ?? "checked"} of the token is missing or wrong.`);
  }
  if (TOKEN_FAULTS.some((fault) => error instanceof fault)) {
    return invalidToken("The token cannot be verified.");
  }
  throw error;
}

/** Names from a token are not repeated, these are. */
const KNOWN_CLAIMS = ["iss", "aud", "exp", "nbf", "iat"];

const TOKEN_FAULTS = [
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];
