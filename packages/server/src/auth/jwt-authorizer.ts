// A hook for hubs that knows people by their JSON Web Tokens (RFC 7519).

import { type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import type { AccessAnswer, AccessRequest, Authorize } from "../hub/access.js";
import { findCredentials } from "./credentials.js";
import { denialOf, FOREIGN_PAGE, invalidToken, NO_RIGHT, NO_TOKEN } from "./denials.js";
import { type JwtAuthorizerOptions, type JwtSettings, resolveJwtOptions } from "./jwt-options.js";
import { resolveKeys, type Verification } from "./keys.js";
import { readRight } from "./rights.js";

/** As much as a whole header may have in Node, in characters. */
const LONGEST_TOKEN = 16_384;

/**
 * Creates a hook that asks for a JSON Web Token, signed by the given keys.
 *
 * The token comes as `Authorization: Bearer`, or in the cookie that was named. Its claim
 * `throughline` says what it allows:
 *
 * ```json
 * { "sub": "alice", "exp": 1790000000,
 *   "throughline": { "read": ["alerts", { "stream": "news", "topics": ["ward/42/**"] }], "write": [] } }
 * ```
 *
 * `sub` is the identity by which connections are revoked, `exp` the end of the grant. A token that is
 * no good is refused with 401, one that does not allow the wish with 403, both as RFC 6750 says. Where
 * the keys cannot be fetched the hook fails, which is nobody's fault who asks: 503. Tokens are in no
 * answer, message or error.
 *
 * @throws StreamError `invalid-option`
 */
export function createJwtAuthorizer(options: JwtAuthorizerOptions): Authorize {
  const settings = resolveJwtOptions(options);
  const verification = resolveKeys(options.keys, options.algorithms);
  return (request) => authorize(settings, verification, request);
}

async function authorize(
  settings: JwtSettings,
  verification: Verification,
  request: AccessRequest,
): Promise<AccessAnswer> {
  const shown = findCredentials(request, settings.cookie);
  if (shown.kind === "none") return NO_TOKEN;
  if (shown.kind === "foreign-page") return FOREIGN_PAGE;
  if (shown.token.length > LONGEST_TOKEN) return invalidToken("The token is too long.");
  let payload: JWTPayload;
  try {
    const verifyOptions = toVerifyOptions(settings, verification);
    ({ payload } = await jwtVerify(shown.token, verification.keyOf, verifyOptions));
  } catch (error) {
    return denialOf(error);
  }
  return toAnswer(settings, payload, request);
}

function toVerifyOptions(
  { issuer, audience, clockToleranceS, requireExpiry }: JwtSettings,
  { algorithms }: Verification,
): JWTVerifyOptions {
  return {
    algorithms: [...algorithms],
    clockTolerance: clockToleranceS,
    requiredClaims: requireExpiry ? ["exp"] : [],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
}

function toAnswer(
  { claim, clockToleranceS }: JwtSettings,
  payload: JWTPayload,
  { action, stream }: AccessRequest,
): AccessAnswer {
  const { sub, exp } = payload;
  const isName = sub === undefined || (typeof sub === "string" && sub !== "" && sub.length <= 1024);
  if (!isName) return invalidToken("The claim sub of the token is missing or wrong.");
  const right = readRight(payload[claim], action, stream);
  if (right.kind === "malformed") return invalidToken("The rights in the token cannot be read.");
  if (right.kind === "nothing") return NO_RIGHT;
  return {
    identity: sub,
    topics: right.kind === "topics" ? right.topics : undefined,
    // Exactly when the same token will be refused: nobody comes and goes in between.
    expiresAtMs: exp === undefined ? undefined : (exp + clockToleranceS) * 1000,
  };
}
