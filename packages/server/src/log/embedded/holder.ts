// Who holds the directory: one process at a time, and in it one log.
//
// Whoever wants the directory listens on a socket with a name of its own in it, and then writes that
// name into the store, in a transaction, if the one that stands there belongs to nobody any more. A
// socket goes silent with its process, however that ends, and never speaks again, because no other
// one gets its name; transactions of LMDB exclude each other between processes. So no two can have
// it, and a killed one leaves nothing behind that anybody has to remove by hand.

import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StreamError } from "throughline/core";
import { explainFailure } from "./failures.js";
import type { Store } from "./store.js";

/** Where the name of the holder stands in the table `store`. */
const HOLDER_KEY = Buffer.from("holder");

const SOCKET = /^holder-[0-9a-f]{16}\.sock$/;

/** How long a holder may take to say who it is; one that is stopped or busy holds all the same. */
const ANSWER_MS = 1000;
/** How often to try again when others want the directory at the same moment. */
const MOST_TRIES = 20;

/** What the store says about its holder. */
interface HolderRecord {
  readonly pid: number;
  /** The name of its socket, without the directory; or its whole path. */
  readonly socket: string;
}

/** A claim to a directory: made first, then enforced, and given up at the end. */
export class Holder {
  readonly #directory: string;
  readonly #server: Server;
  readonly #record: HolderRecord;
  readonly #folder: SocketFolder;
  /** Sockets of processes that are no more. */
  #silent: readonly string[] = [];

  private constructor(directory: string, server: Server, socket: string, folder: SocketFolder) {
    this.#directory = directory;
    this.#server = server;
    this.#folder = folder;
    this.#record = { pid: process.pid, socket };
  }

  /** Whether somebody else listens in the directory, who may be using the store just now. */
  async isContested(): Promise<boolean> {
    const others = readdirSync(this.#directory).filter(
      (name) => SOCKET.test(name) && name !== this.#record.socket,
    );
    const alive = await Promise.all(others.map((name) => isAlive(this.#folder.pathOf(name))));
    this.#silent = others.filter((_, index) => alive[index] === false);
    return alive.includes(true);
  }

  /** Begins to listen. Nothing is held yet. */
  static async prepare(directory: string): Promise<Holder> {
    const folder = openFolder(directory);
    const name = `holder-${randomBytes(8).toString("hex")}.sock`;
    for (const socket of candidates(name)) {
      const server = createServer((connection) => {
        connection.on("error", () => connection.destroy());
        connection.end(`${process.pid}\n`);
      });
      const failure = await listen(server, folder.pathOf(socket));
      if (failure === undefined) {
        server.unref();
        return new Holder(directory, server, socket, folder);
      }
      if (socket !== name) {
        folder.close();
        throw explainFailure(failure, "open", directory);
      }
    }
    throw new Error("unreachable: there is always a last candidate");
  }

  /**
   * Takes the directory over from a holder that is no more.
   *
   * @throws StreamError `store-locked` where there is one
   */
  async claim(store: Store): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      store.refresh();
      const found = store.get("store", HOLDER_KEY);
      const holder = found && (JSON.parse(found.toString()) as HolderRecord);
      if (holder !== undefined && (await isAlive(this.#folder.pathOf(holder.socket)))) {
        throw locked(this.#directory, holder.pid);
      }
      if (!this.#replace(store, found)) continue;
      // One that listened only now may have been taken for a silent one, and removed as such.
      if (!this.#isReachable()) throw locked(this.#directory, undefined);
      for (const name of this.#silent) removeSocket(this.#folder.pathOf(name));
      return;
    }
    throw locked(this.#directory, undefined);
  }

  /** Gives the directory up. */
  async release(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#folder.close();
  }

  #isReachable(): boolean {
    return process.platform === "win32" || existsSync(this.#folder.pathOf(this.#record.socket));
  }

  /** Writes the own name in the place of the one that was found, if that still stands there. */
  #replace(store: Store, found: Buffer | undefined): boolean {
    let isReplaced = false;
    store.transact(() => {
      const present = store.get("store", HOLDER_KEY);
      isReplaced = present === undefined ? found === undefined : found?.equals(present) === true;
      if (!isReplaced) return [];
      const value = Buffer.from(JSON.stringify(this.#record));
      return [{ table: "store", key: HOLDER_KEY, value }];
    });
    return isReplaced;
  }
}

interface SocketFolder {
  pathOf(socket: string): string;
  close(): void;
}

/**
 * The directory under a path that is short enough for sockets: on Linux through an open file, else as
 * it is. It is the directory itself that counts, so that also processes that see it under another
 * path, or in another container, meet.
 */
function openFolder(directory: string): SocketFolder {
  if (process.platform === "linux") {
    const file = openSync(directory, "r");
    return {
      pathOf: (socket) => (socket.includes("/") ? socket : `/proc/self/fd/${file}/${socket}`),
      close: () => closeSync(file),
    };
  }
  const isAbsolute = (socket: string) => socket.includes("/") || socket.includes("\\");
  return {
    pathOf: (socket) => (isAbsolute(socket) ? socket : join(directory, socket)),
    close: () => undefined,
  };
}

/** Where to listen: in the directory; where that cannot be, at a place that the record then names. */
function candidates(name: string): readonly string[] {
  if (process.platform === "win32") return [`\\\\.\\pipe\\throughline-${name}`];
  return [name, join(tmpdir(), `throughline-${name}`)];
}

function listen(server: Server, path: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen(path, () => {
      server.off("error", resolve);
      resolve(undefined);
    });
  });
}

/** Whether somebody listens there. In doubt somebody does. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(path);
    const end = (isHeld: boolean) => {
      connection.destroy();
      resolve(isHeld);
    };
    connection.setTimeout(ANSWER_MS, () => end(true));
    connection.on("connect", () => end(true));
    connection.on("error", (error: NodeJS.ErrnoException) => {
      end(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
    });
  });
}

function removeSocket(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A name that nobody will ever listen under again is only untidy.
  }
}

function locked(directory: string, pid: number | undefined): StreamError {
  const who =
    pid === undefined
      ? "other processes that want it at the same time"
      : pid === process.pid
        ? `another log in this process (${pid})`
        : `process ${pid}`;
  return new StreamError(
    `The directory ${directory} is in use by ${who}. A log has one process at a time: stop that ` +
      "one, or choose another directory.",
    { code: "store-locked", fault: "local", retryable: true },
  );
}
