// The near end of the thread that commits.

import { statfs } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { explainFailure, storeFull, storeUnavailable } from "./failures.js";
import type { StoreOptions } from "./store.js";
import { encodeWrites, TABLES, type Write } from "./tables.js";

/** What the thread says. */
type Report =
  | { readonly kind: "ready" | "committed" }
  | { readonly kind: "refused" | "unflushed"; readonly code: unknown; readonly message: string }
  | { readonly kind: "stopped"; readonly code?: unknown; readonly message?: string };

/** An error number that is both a short write on a full disk and a disk that fails. */
const EIO = 5;
/** LMDB gave up on the file until it is opened again. */
const PANIC = -30795;
/** Less than this is a full disk: one commit of LMDB needs some pages of 4 KiB. */
const FEW_BYTES = 1024 * 1024;

/** How to start the thread. */
export interface CommitterSetup {
  readonly directory: string;
  readonly storeOptions: StoreOptions;
  /** Whether a commit counts only once it is on disk. */
  readonly flushes: boolean;
}

/**
 * Commits lists of writes, one after the other, each wholly or not at all.
 *
 * After an error of the disk itself nothing is committed any more: what the operating system has
 * dropped then, no later flush can prove to be on disk.
 */
export class Committer {
  readonly #directory: string;
  readonly #worker: Worker;
  #settle: ((report: Report | Error) => void) | undefined;
  /** Why nothing can be committed any more. */
  #failure: Error | undefined;

  private constructor({ directory, storeOptions, flushes }: CommitterSetup) {
    this.#directory = directory;
    this.#worker = new Worker(new URL("./commit-thread.js", import.meta.url), {
      workerData: { storeOptions, tables: TABLES, flushes },
    });
    this.#worker.on("message", (report: Report) => this.#hear(report));
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
   * Commits. One call at a time. Rejects where nothing was committed.
   *
   * A thread that dies at work leaves it open whether it had committed; from then on all is refused
   * until the log is opened again, which finds out.
   */
  async commit(writes: readonly Write[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#unavailable(this.#failure);
    const bytes = encodeWrites(writes);
    const report = await this.#ask(() => this.#worker.postMessage(bytes, [bytes]));
    if (report instanceof Error) throw this.#unavailable(report);
    if (report.kind === "refused") await this.#refuse(report.code, report.message);
  }

  /** Flushes what is committed and ends the thread. */
  async stop(): Promise<void> {
    if (this.#failure !== undefined) return;
    const report = await this.#ask(() => this.#worker.postMessage("stop"));
    if (report instanceof Error) throw this.#unavailable(report);
    if (report.kind === "stopped" && report.message !== undefined) {
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

  #hear(report: Report): void {
    if (report.kind !== "unflushed") this.#settle?.(report);
    else this.#failure ??= failureOf(report.code, report.message);
  }

  #end(error: Error): void {
    this.#failure ??= error;
    this.#settle?.(error);
  }

  async #refuse(code: unknown, message: string): Promise<never> {
    const failure = failureOf(code, message);
    if (code === EIO && (await this.#hasNoRoom())) throw storeFull(failure);
    if (code === EIO || code === PANIC) {
      this.#failure ??= failure;
      throw this.#unavailable(failure);
    }
    throw explainFailure(failure, "write to", this.#directory);
  }

  async #hasNoRoom(): Promise<boolean> {
    try {
      const { bavail, bsize } = await statfs(this.#directory);
      return bavail * bsize < FEW_BYTES;
    } catch {
      // A disk that cannot even be asked is broken, not full.
      return false;
    }
  }

  #unavailable(cause: Error): Error {
    return storeUnavailable(
      `The log in ${this.#directory} takes nothing more, because its disk failed: ` +
        `${cause.message}. Check the disk, then create the log again.`,
      cause,
    );
  }
}

function failureOf(code: unknown, message: string): Error {
  return Object.assign(new Error(message), { code });
}
