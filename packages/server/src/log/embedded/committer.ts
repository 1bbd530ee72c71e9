// The near end of the thread that commits.

import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { explainFailure, storeUnavailable } from "./failures.js";
import { DATA_FILE, type StoreOptions } from "./store.js";
import { encodeWrites, TABLES, type Write } from "./tables.js";

/** What the thread says. */
type Report =
  | { readonly kind: "ready" | "committed" | "stopped" }
  | { readonly kind: "refused"; readonly code: unknown; readonly message: string };

/** What LMDB says of a write that was cut short, as on a full disk, and of a disk that fails. */
const EIO = 5;
/** LMDB gave up on the file until it is opened again. */
const PANIC = -30795;
/** What the disk is asked for, to find out whether it is full: more than a short commit takes. */
const PROBE_BYTES = 256 * 1024;

/** How to start the thread. */
export interface CommitterSetup {
  readonly directory: string;
  readonly storeOptions: StoreOptions;
  /** The path of the witness. */
  readonly witness: string;
}

/**
 * Commits lists of writes, one after the other, each wholly or not at all. A commit is flushed before
 * it counts: where the flush fails it did not take place, and the next one writes its pages anew.
 */
export class Committer {
  readonly #directory: string;
  readonly #worker: Worker;
  #settle: ((report: Report | Error) => void) | undefined;
  /** Why nothing can be committed any more. */
  #failure: Error | undefined;

  private constructor({ directory, storeOptions, witness }: CommitterSetup) {
    this.#directory = directory;
    this.#worker = new Worker(new URL("./commit-thread.js", import.meta.url), {
      workerData: { storeOptions, tables: TABLES, witness },
      // Not those of the process, some of which are for its first file alone.
      execArgv: [],
    });
    this.#worker.on("message", (report: Report) => this.#settle?.(report));
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(new Error("the committing thread has ended")));
  }

  /** Starts the thread and waits until it has opened the store. */
  static async start(setup: CommitterSetup): Promise<Committer> {
    const committer = new Committer(setup);
    const report = await committer.#ask(() => undefined);
    if (report instanceof Error) throw explainFailure(report, "open", setup.directory);
    return committer;
  }

  /**
   * Commits, and renames the witness to the path given. One call at a time. Rejects where nothing
   * was committed.
   *
   * A thread that dies at work leaves it open whether it had committed; from then on all is refused
   * until the log is opened again, which finds out.
   */
  async commit(list: readonly Write[], witness: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#unavailable(this.#failure);
    const writes = encodeWrites(list);
    const report = await this.#ask(() => this.#worker.postMessage({ writes, witness }, [writes]));
    if (report instanceof Error) throw this.#unavailable(report);
    if (report.kind !== "refused") return;
    const failure = failureOf(report.code, report.message);
    if (report.code === PANIC) {
      this.#failure ??= failure;
      throw this.#unavailable(failure);
    }
    const lackOfRoom = report.code === EIO ? await findLackOfRoom(this.#directory) : undefined;
    throw explainFailure(lackOfRoom ?? failure, "write to", this.#directory);
  }

  /** Ends the thread. */
  async stop(): Promise<void> {
    if (this.#failure !== undefined) return;
    const report = await this.#ask(() => this.#worker.postMessage("stop"));
    if (report instanceof Error) throw this.#unavailable(report);
    if (report.kind === "refused") {
      throw this.#unavailable(failureOf(report.code, report.message));
    }
  }

  /** The process stays alive for as long as an answer is due, and not for the thread's sake. */
  #ask(send: () => void): Promise<Report | Error> {
    return new Promise((resolve) => {
      this.#worker.ref();
      this.#settle = (report) => {
        this.#settle = undefined;
        this.#worker.unref();
        resolve(report);
      };
      send();
    });
  }

  #end(error: Error): void {
    this.#failure ??= error;
    this.#settle?.(error);
  }

  #unavailable(cause: Error): Error {
    return storeUnavailable(
      `The log in ${this.#directory} takes nothing more, because its disk failed: ` +
        `${cause.message}. Check the disk, then create the log again.`,
      cause,
    );
  }
}

/**
 * Why the data file cannot grow, if it cannot: asks the disk with another file of the same size, of
 * which only the end is there.
 */
async function findLackOfRoom(directory: string): Promise<unknown> {
  const path = join(directory, "room-probe");
  try {
    const { size } = await stat(join(directory, DATA_FILE));
    const file = await open(path, "w");
    try {
      await file.write(Buffer.alloc(PROBE_BYTES), 0, PROBE_BYTES, size);
      // The first one may have been cut short.
      await file.write(Buffer.alloc(PROBE_BYTES), 0, PROBE_BYTES, size + PROBE_BYTES);
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

function failureOf(code: unknown, message: string): Error {
  return Object.assign(new Error(message), { code });
}
