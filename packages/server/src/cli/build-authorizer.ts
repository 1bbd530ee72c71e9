// Who may read and write, as a configuration has it: whoever shows a token that says so.

import { readFileSync } from "node:fs";
import { createJwtAuthorizer, type JwtKeys } from "../auth/index.js";
import type { Authorize } from "../hub/index.js";
import type { ServeConfig } from "./config/serve-settings.js";
import { UsageError } from "./config/usage-error.js";

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
  const { jwtIssuer: issuer, jwtAudience: audience, jwtCookie } = config;
  const keys = readKeys(config);
  if (keys !== undefined) {
    const cookie = jwtCookie === undefined ? undefined : { name: jwtCookie };
    return createJwtAuthorizer({ keys, issuer, audience, cookie });
  }
  const idle = Object.entries({ jwtIssuer: issuer, jwtAudience: audience, jwtCookie });
  const [name] = idle.find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return undefined;
  // Alone it would look as if tokens were checked, and nobody would be.
  throw new UsageError(
    `Setting "${name}": expected one of ${KEYS.join(", ")} beside it; got none.`,
  );
}

const KEYS = ["jwtSecret", "jwtPublicKeyFile", "jwtJwksUrl"] as const;

function keySettings(config: ServeConfig): readonly string[] {
  return KEYS.filter((name) => config[name] !== undefined);
}

function readKeys(config: ServeConfig): JwtKeys | undefined {
  const { jwtSecret: secret, jwtPublicKeyFile: path, jwtJwksUrl: jwksUrl } = config;
  if (secret !== undefined) return { secret };
  if (jwksUrl !== undefined) return { jwksUrl };
  return path === undefined ? undefined : { publicKey: readKeyFile(path) };
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new UsageError(
      `Setting "jwtPublicKeyFile": expected a file that can be read; got ${JSON.stringify(path)} (${code}).`,
    );
  }
}
