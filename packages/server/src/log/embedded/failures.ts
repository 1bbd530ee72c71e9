// What the store can fail with, as errors that say what to do. Nobody outside this folder sees an
// error of LMDB or of the file system, except as the cause of one of these.

import { StreamError } from "throughline/core";

/** No room: `ENOSPC`, `EFBIG`, `EDQUOT`, and LMDB's own for a full map. */
const FULL = new Set<unknown>(["ENOSPC", "EFBIG", "EDQUOT", 28, 27, 122, -30792]);
const CORRUPT = new Set<unknown>([-30797, -30796, -30794, -30793]);
const FORBIDDEN = new Set<unknown>(["EACCES", "EPERM", "EROFS", 13, 1, 30]);

/** There is no room on the disk; the same call may succeed when there is. */
export function storeFull(cause: unknown): StreamError {
  return new StreamError(
    "There is no room left on the disk of the log: nothing was stored. Free some, trim or remove " +
      "streams; the log goes on by itself as soon as there is room.",
    { code: "store-full", fault: "local", retryable: true, cause },
  );
}

/** What is on the disk is not what the log has written there. */
export function storeCorrupt(what: string, cause?: unknown): StreamError {
  return new StreamError(
    `${what} Restore the directory from a backup, or move it away and begin with an empty one.`,
    { code: "store-corrupt", fault: "local", cause },
  );
}

/** The store cannot be used for a reason that waiting does not mend. */
export function storeUnavailable(what: string, cause?: unknown): StreamError {
  return new StreamError(what, { code: "store-unavailable", fault: "local", cause });
}

/**
 * What an error of LMDB or of the file system means.
 *
 * @param doing what was tried, for the message: "open", "write to", "read"
 */
export function explainFailure(error: unknown, doing: string, directory: string): StreamError {
  if (error instanceof StreamError) return error;
  const code = codeOf(error);
  if (FULL.has(code)) return storeFull(error);
  if (CORRUPT.has(code) || error instanceof SyntaxError) {
    return storeCorrupt(`The log in ${directory} is damaged: ${messageOf(error)}.`, error);
  }
  if (FORBIDDEN.has(code)) {
    return storeUnavailable(
      `This process may not ${doing} the log in ${directory}: ${messageOf(error)}. Give its user ` +
        "the right to read and write the directory and all files in it.",
      error,
    );
  }
  return storeUnavailable(`Cannot ${doing} the log in ${directory}: ${messageOf(error)}.`, error);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
