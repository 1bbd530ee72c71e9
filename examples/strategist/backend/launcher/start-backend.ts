// Starts the Flask back end as processes of its own: gunicorn with the application, and the control.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AlertInsert,
  type Control,
  createControl,
  forgetOpenRequests,
  type PostInsert,
} from "./control.js";
import { type PythonProcess, startPython } from "./python-process.js";

/** How to start it. Without anything: the shape and the pace of the original. Times in seconds. */
export interface BackendOptions {
  /** Which generation of the feed answers. Default `enhanced`. */
  readonly generation?: "enhanced" | "first" | undefined;
  /** Default 2. */
  readonly workers?: number | undefined;
  /** Of each worker. Default 4. */
  readonly threads?: number | undefined;
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
  /** The SQLite file. Default: one in a folder of its own, which goes with the backend. */
  readonly database?: string | undefined;
  /** Between two polls of the first generation. Default 30. */
  readonly pollS?: number | undefined;
  /** After a round of the enhanced feed. Default 1. */
  readonly roundS?: number | undefined;
  /** After a round or a poll that failed. Default 2 (enhanced) and 10 (first). */
  readonly errorPauseS?: number | undefined;
  /** After each of the seven steps of an analysis. Default 2, 4 or 6, by its depth. */
  readonly analysisStepS?: number | undefined;
  /** Between the heartbeats after an analysis, and at least between those of the feed. Default 30. */
  readonly heartbeatS?: number | undefined;
  /** Between the pieces of the smaller streams. Default 0.1. */
  readonly chunkPauseS?: number | undefined;
  /** Whole seconds that a login counts. Default 3600. */
  readonly sessionLifetimeS?: number | undefined;
  /** Whole seconds that streams may go on after SIGTERM. Default 5. */
  readonly gracefulS?: number | undefined;
  /** How somebody without a session is answered. Default `redirect` (302, then 405). */
  readonly anonymous?: "redirect" | "unauthorized" | "forbidden" | "in-stream" | undefined;
  /** More settings of the environment, such as `STRATEGIST_ENABLED` and `CORS_ORIGINS`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Accounts that there are from the beginning. */
export const accounts = { strategist: "lotus", observer: "banyan" } as const;

/** One row that is committed. */
export interface InsertedRow {
  readonly id: number;
  /** The moment after the commit, in milliseconds since the epoch, with fraction. */
  readonly committedMs: number;
}

/** A backend, running. */
export interface Backend extends Control {
  /** Where the application listens; it stays the same over restarts. */
  readonly url: string;
  /** Where the control listens, for a feeder in another process. */
  readonly controlUrl: string;
  /** Logs in and returns what to send as `Cookie`. */
  logIn(user?: keyof typeof accounts): Promise<string>;
  insertAlert(alert?: AlertInsert): Promise<InsertedRow>;
  insertPost(post?: PostInsert): Promise<InsertedRow>;
  /**
   * Sends gunicorn a signal. `SIGKILL` (the default) ends all of its processes at once; `SIGTERM` lets
   * requests end first, streams for `gracefulS`; both resolve when it is gone. `SIGHUP` replaces the
   * workers, of which the old ones go on with their streams. `SIGSTOP` and `SIGCONT` freeze and thaw
   * all of its processes: the port accepts, and nobody answers.
   */
  kill(signal?: BackendSignal): Promise<void>;
  /** Starts it again on the same port and database; what still runs of it is killed before. */
  restart(): Promise<void>;
  /** The last of what gunicorn said. */
  output(): string;
  /** Ends everything, and removes the database if it is its own. */
  close(): Promise<void>;
}

export type BackendSignal = "SIGKILL" | "SIGTERM" | "SIGHUP" | "SIGSTOP" | "SIGCONT";

/**
 * Starts a backend and resolves when all of its workers answer.
 *
 * @throws when there is no Python with Flask and gunicorn (`findFlaskPython`), or they do not start
 */
export async function startBackend(options: BackendOptions = {}): Promise<Backend> {
  const own =
    options.database === undefined ? await mkdtemp(join(tmpdir(), "strategist-backend-")) : "";
  const database = options.database ?? join(own, "backend.sqlite");
  const env = { ...environmentOf(options), BACKEND_DATABASE: database };
  const started: PythonProcess[] = [];
  const start = (module: string, args: readonly string[], more: Record<string, string> = {}) => {
    const process = startPython(module, args, { ...env, ...more });
    started.push(process);
    return process;
  };
  const close = async () => {
    for (const process of started) process.signal("SIGKILL", "group");
    await Promise.all(started.map((process) => process.ended));
    if (own !== "") await rm(own, { recursive: true, force: true, maxRetries: 3 });
  };

  async function startApplication(port: number): Promise<Application> {
    const bind = { BACKEND_BIND: `127.0.0.1:${port}` };
    const process = start("gunicorn", ["-c", "gunicorn.conf.py"], bind);
    const [, url = ""] = await process.says(/Listening at: (http:\S+)/);
    await process.says(/Worker is ready/, options.workers ?? 2);
    return { process, url };
  }

  try {
    const [, controlUrl = ""] = await start("application.control", []).says(
      /listens at (http:\S+)/,
    );
    const control = createControl(controlUrl);
    const first = await startApplication(options.port ?? 0);
    const { url } = first;
    let gunicorn = first.process;
    const gone = async () => {
      await gunicorn.ended;
      await forgetOpenRequests(controlUrl);
    };
    const kill = async (signal: BackendSignal = "SIGKILL") => {
      const isForAll = signal !== "SIGTERM" && signal !== "SIGHUP";
      gunicorn.signal(signal, isForAll ? "group" : "itself");
      if (signal === "SIGKILL" || signal === "SIGTERM") await gone();
    };
    return {
      ...control,
      url,
      controlUrl,
      logIn: (user = "strategist") => logIn(url, user, accounts[user]),
      insertAlert: async (alert = {}) =>
        only(await control.insertRows([{ kind: "alert", ...alert }])),
      insertPost: async (post = {}) => only(await control.insertRows([{ kind: "post", ...post }])),
      kill,
      restart: async () => {
        if (!gunicorn.hasEnded()) await kill();
        gunicorn = (await startApplication(Number(new URL(url).port))).process;
      },
      output: () => gunicorn.output(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Application {
  readonly process: PythonProcess;
  readonly url: string;
}

function environmentOf(options: BackendOptions): Record<string, string> {
  const settings = {
    FEED_GENERATION: options.generation,
    BACKEND_WORKERS: options.workers,
    BACKEND_THREADS: options.threads,
    FEED_POLL_S: options.pollS,
    FEED_ROUND_S: options.roundS,
    FEED_ERROR_PAUSE_S: options.errorPauseS,
    ANALYSIS_STEP_S: options.analysisStepS,
    HEARTBEAT_S: options.heartbeatS,
    CHUNK_PAUSE_S: options.chunkPauseS,
    SESSION_LIFETIME_S: options.sessionLifetimeS,
    GRACEFUL_TIMEOUT_S: options.gracefulS,
    ANONYMOUS: options.anonymous,
    RECORD_HEADERS: "true",
    ...options.env,
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

async function logIn(url: string, username: string, password: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/login`, {
    method: "POST",
    // A connection that is kept would be closed by gunicorn soon, perhaps under the next request.
    headers: { connection: "close", "content-type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  const text = await response.text();
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (cookie === undefined)
    throw new Error(`${username} is not let in: ${response.status} ${text}`);
  return cookie;
}

function only(inserted: { ids: readonly number[]; committedMs: number }): InsertedRow {
  const [id] = inserted.ids;
  if (id === undefined) throw new Error("no row was written");
  return { id, committedMs: inserted.committedMs };
}
