export type { JwtAlgorithm } from "./algorithms.js";
export { createJwtAuthorizer } from "./jwt-authorizer.js";
export type { JwtAuthorizerOptions, JwtCookie, JwtKeys } from "./jwt-options.js";
