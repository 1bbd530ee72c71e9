// A server whose connections come from another process.

import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../config/usage-error.js";
import { listenOn } from "../http-server.js";

/**
 * Lets a server listen where nobody can come: one of `node:http` keeps its time limits from the moment on in
 * which it listens, and not before, also for connections that it is handed.
 *
 * @throws UsageError where there is no place for it
 */
export async function listenNowhere(server: Server): Promise<void> {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), "throughline-worker-"));
    await listenOn(server, { path: join(folder, "nowhere") });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new UsageError(
      'Setting "workers": each of them needs a folder for temporary files in which it may make a ' +
        `socket; ${tmpdir()} cannot be used (${code}). Set TMPDIR to one that can.`,
    );
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
