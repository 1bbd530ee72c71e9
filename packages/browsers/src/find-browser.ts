// Where a browser is that a distribution installs.

import { accessSync, constants } from "node:fs";

/**
 * The path of a browser; `undefined` where it is not installed.
 *
 * @param variable the environment variable that says where it is; then nothing else is looked at
 * @param known where distributions have it, the likeliest first
 */
export function findBrowser(variable: string, known: readonly string[]): string | undefined {
  const asked = process.env[variable];
  return (asked === undefined ? known : [asked]).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there and not executable are the same to the caller.
    return false;
  }
}
