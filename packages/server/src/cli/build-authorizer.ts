// Who may read and write, as a configuration has it: whoever shows a token that says so.

import {
  createJwtAuthorizer,
  type JwtAlgorithm,
  type JwtAuthorizerOptions,
  type JwtKeys,
} from "../auth/index.js";
import type { Authorize } from "../hub/index.js";
import type { ServeConfig } from "./config/serve-settings.js";
import { UsageError } from "./config/usage-error.js";
import { readSecretFile, readSettingFile } from "./read-file.js";

/** Whether anybody is asked who they are. */
export function hasAuthorization(config: ServeConfig): boolean {
  return keySettings(config).length > 0;
}

/**
 * The hook for the tokens that were configured; `undefined` where none were.
 *
 * @throws UsageError where there are keys of two kinds, or a file cannot be read
 * @throws StreamError where a key cannot be used
 */
export function buildAuthorizer(config: ServeConfig): Authorize | undefined {
  const given = keySettings(config);
  if (given.length > 1) {
    throw new UsageError(
      `Settings ${given.join(" and ")}: expected one of them; got ${given.length}.`,
    );
  }
  const keys = readKeys(config);
  if (keys !== undefined) {
    const { jwtIssuer: issuer, jwtAudience: audience } = config;
    const algorithms = algorithmsOf(config);
    return createJwtAuthorizer({ keys, algorithms, issuer, audience, cookie: cookieOf(config) });
  }
  const name = DEPENDENT.find((setting) => config[setting] !== undefined);
  if (name === undefined) return undefined;
  // Alone it would look as if tokens were checked, and nobody would be.
  throw new UsageError(
    `Setting "${name}": expected one of ${KEYS.join(", ")} beside it; got none.`,
  );
}

const KEYS = [
  "jwtSecret",
  "jwtSecretFile",
  "jwtPublicKeyFile",
  "jwtJwksFile",
  "jwtJwksUrl",
] as const;

/** What makes no sense without keys. */
const DEPENDENT = [
  "jwtAlgorithms",
  "jwtIssuer",
  "jwtAudience",
  "jwtCookie",
  "jwtCookieOrigins",
] as const;

function keySettings(config: ServeConfig): readonly string[] {
  return KEYS.filter((name) => config[name] !== undefined);
}

function readKeys(config: ServeConfig): JwtKeys | undefined {
  const { jwtSecret, jwtSecretFile, jwtPublicKeyFile, jwtJwksFile, jwtJwksUrl } = config;
  if (jwtSecret !== undefined) return { secret: jwtSecret };
  if (jwtJwksUrl !== undefined) return { jwksUrl: jwtJwksUrl };
  if (jwtSecretFile !== undefined) {
    return { secret: readSecretFile("jwtSecretFile", jwtSecretFile) };
  }
  if (jwtPublicKeyFile !== undefined) {
    return { publicKey: readSettingFile("jwtPublicKeyFile", jwtPublicKeyFile) };
  }
  return jwtJwksFile === undefined ? undefined : { jwks: readJwks(jwtJwksFile) };
}

/** Whether it is a set of keys is for the authorizer to say. */
function readJwks(path: string): Extract<JwtKeys, { readonly jwks: unknown }>["jwks"] {
  try {
    return JSON.parse(readSettingFile("jwtJwksFile", path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // The parser's own message quotes the file.
    throw new UsageError(
      `Setting "jwtJwksFile": expected a file with JSON; got ${JSON.stringify(path)}.`,
    );
  }
}

/** Names that there are not are refused by the authorizer, which knows those that go with the key. */
function algorithmsOf({ jwtAlgorithms }: ServeConfig): readonly JwtAlgorithm[] | undefined {
  return jwtAlgorithms?.split(",") as readonly JwtAlgorithm[] | undefined;
}

function cookieOf({ jwtCookie, jwtCookieOrigins }: ServeConfig): JwtAuthorizerOptions["cookie"] {
  if (jwtCookie !== undefined) {
    return { name: jwtCookie, allowedOrigins: jwtCookieOrigins?.split(",") };
  }
  if (jwtCookieOrigins === undefined) return undefined;
  throw new UsageError('Setting "jwtCookieOrigins": expected "jwtCookie" beside it; got none.');
}
