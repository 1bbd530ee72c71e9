// Files that settings point to: keys, certificates, tokens.

import { readFileSync } from "node:fs";
import { UsageError } from "./config/usage-error.js";

/**
 * Reads a text.
 *
 * @param setting the name of the setting that has the path
 * @throws UsageError where it cannot be read; the message names the path, and quotes nothing of the file
 */
export function readSettingFile(setting: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const got = `${JSON.stringify(path)} (${code})`;
    throw new UsageError(`Setting "${setting}": expected a file that can be read; got ${got}.`);
  }
}

/** The same for a secret: editors and `echo` put a line break at its end, which is no part of it. */
export function readSecretFile(setting: string, path: string): string {
  return readSettingFile(setting, path).replace(/\r?\n$/, "");
}
