// A setting has one name, and three spellings: camelCase in files, --kebab-case as a flag, and
// THROUGHLINE_SNAKE_CASE in the environment.

/** What all environment variables of ours begin with. */
export const ENVIRONMENT_PREFIX = "THROUGHLINE_";

/** `adminPort` → `admin-port`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `adminPort` → `THROUGHLINE_ADMIN_PORT`. */
export function environmentName(name: string): string {
  return ENVIRONMENT_PREFIX + flagName(name).replaceAll("-", "_").toUpperCase();
}
