// A file of settings: YAML, of which JSON is a part.

import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import type { ConfigFile } from "./resolve-settings.js";
import { UsageError } from "./usage-error.js";

/** Far more than all settings together need. */
const LARGEST_FILE_BYTES = 1024 * 1024;

/**
 * Reads a file.
 *
 * @throws UsageError where it cannot be read; the message quotes nothing of it
 */
export function readConfigFile(path: string): ConfigFile {
  const text = read(path);
  if (text.length > LARGEST_FILE_BYTES) throw new UsageError(`File ${path} is too large.`);
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    // Its message would quote the line, which may be a secret.
    const line = text.slice(0, error.pos[0]).split("\n").length;
    throw new UsageError(`File ${path}, line ${line}: expected YAML or JSON (${error.code}).`);
  }
  return { name: path, content: contentOf(document, path) };
}

/** What a document holds. Aliases can make a small file hold more than memory does: there are none. */
function contentOf(document: ReturnType<typeof parseDocument>, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new UsageError(
      `File ${path}: expected every value to be written out; got an alias (*name). Quote the value if ` +
        "it only begins with an asterisk.",
    );
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
    throw new UsageError(`File ${path} cannot be read: ${code}.`);
  }
}
