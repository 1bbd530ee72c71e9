// The path that ends at endpoints that exist already: a gateway, over Flask under gunicorn.

import {
  type Backend,
  findFlaskPython,
  startBackend,
} from "@throughline/example-strategist/backend";
import { publishedNumber } from "@throughline/testkit";
import { startOrigin } from "./origin.js";
import type { PathKind } from "./path.js";

/** Between two rounds of the backend. Seconds. */
const ROUND_S = 0.2;

/**
 * Between two rows: longer than a round and what it takes. The backend shows what is new in a round newest first, and
 * at most five of it; nobody behind it can do better. So a row is written when the one before it is in the
 * gateway's log.
 */
const LEAST_GAP_MS = 500;

/** A row that is not in the log by then is not owed to anybody. */
const STORED_WITHIN_MS = 10_000;

/** Each stream takes a thread, and some are still taken by streams that were left. */
const WORKERS = 2;
const THREADS = 16;
const MOST_RUNS = 14;

/** The gateway over the Flask application of the example. */
export const GATEWAY: PathKind = {
  id: "gateway",
  title: "gateway over Flask",
  isForeign: true,
  isEncrypted: false,
  processes: ["gateway", "backend"],
  mostRuns: MOST_RUNS,
  missing: () =>
    findFlaskPython() === undefined
      ? "there is no Python with Flask and gunicorn (node scripts/python.mjs makes one)"
      : undefined,
  open: async (options) => {
    const backend = await startBackend({
      roundS: ROUND_S,
      workers: WORKERS,
      threads: THREADS,
      gracefulS: 1,
    });
    try {
      const cookie = await backend.logIn();
      const waiting = new Map<string, () => void>();
      const gateway = await startOrigin({
        ...options,
        backend: { url: backend.url, cookie, threads: WORKERS * THREADS },
      });
      gateway.onStored((data) => waiting.get(titleOf(data))?.());
      return {
        upstream: { host: "127.0.0.1", port: gateway.port },
        // A ward of its own for each run.
        path: (stream) => `/api/v1/strategist/feed?ward=${encodeURIComponent(stream)}&priority=all`,
        publish: async (ward, data) => {
          // Streams count alike: only with its ward a title is the only one.
          const title = `${ward} ${data}`;
          const stored = arrives(waiting, title);
          await backend.insertAlert({ ward, title });
          await stored;
        },
        numberOf: (data) => publishedNumber(titleOf(data).replace(/^\S+ /, "")),
        leastGapMs: LEAST_GAP_MS,
        countsOffsets: false,
        actions: [],
        act: async (action) => {
          throw new Error(`Expected no action on a shared path, got "${action}".`);
        },
        processes: { gateway, backend: processOf(backend) },
        close: async () => {
          await gateway.close();
          await backend.close();
        },
      };
    } catch (error) {
      await backend.close();
      throw error;
    }
  },
};

function processOf(backend: Backend) {
  return { kill: () => backend.kill("SIGKILL"), start: () => backend.restart() };
}

/** Resolves when somebody is called by this name; rejects when that does not happen in time. */
function arrives(waiting: Map<string, () => void>, name: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(name);
      reject(new Error(`Not stored by the gateway within ${STORED_WITHIN_MS / 1000} s: ${name}`));
    }, STORED_WITHIN_MS);
    waiting.set(name, () => {
      clearTimeout(timer);
      waiting.delete(name);
      resolve();
    });
  });
}

/** The title of an alert; anything else that the feed says has none. */
function titleOf(data: string): string {
  try {
    const { data: item } = JSON.parse(data) as { data?: { title?: unknown } };
    return String(item?.title);
  } catch {
    // No JSON: not an item.
    return "";
  }
}
