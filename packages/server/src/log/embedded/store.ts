// The store as the main thread has it: it reads. Everything that is written while the log is in use
// goes through the thread that commits; only opening writes from here.

import { type Database, open, type RootDatabase } from "lmdb";
import { EventScan, type SeeValue } from "./event-scan.js";
import { explainFailure } from "./failures.js";
import { TABLES, type TableName, type Write } from "./tables.js";

/** The file of the store in its directory. LMDB keeps its lock table beside it. */
export const DATA_FILE = "data.mdb";

const GIBIBYTE = 2 ** 30;

/** How both threads open the store. */
export interface StoreOptions {
  readonly path: string;
  readonly noSubdir: true;
  readonly encoding: "binary";
  readonly keyEncoding: "binary";
  readonly maxDbs: number;
  readonly mapSize?: number;
  readonly overlappingSync: false;
}

/** What the options of the store depend on. */
export interface StoreNeeds {
  readonly path: string;
  readonly maxTotalBytes: number;
}

/**
 * The options for a store.
 *
 * The map is address space and takes no room on the disk; it is four times what the log may hold,
 * which indexes and half-filled pages never reach, because it must not grow while it is read. Only
 * on Windows, where a file is as large as its map, LMDB lets it grow by itself.
 *
 * `overlappingSync` would let others see a commit before it is flushed, and wait for the flush all
 * the same.
 */
export function storeOptions({ path, maxTotalBytes }: StoreNeeds): StoreOptions {
  return {
    path,
    noSubdir: true,
    encoding: "binary",
    keyEncoding: "binary",
    maxDbs: TABLES.length,
    overlappingSync: false,
    ...(process.platform === "win32" ? {} : { mapSize: 4 * maxTotalBytes + GIBIBYTE }),
  };
}

/** One entry of a table. */
export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Which entries: keys from `start` up to, and without, `end`, in the order of the bytes. */
export interface Range {
  readonly start: Buffer;
  readonly end?: Buffer;
  readonly limit?: number;
}

/** An open store. Reads see what was committed before the latest {@link Store.refresh}, at least. */
export class Store {
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #tables: Readonly<Record<TableName, Database<Buffer, Buffer>>>;
  readonly #events: EventScan;

  private constructor(options: StoreOptions) {
    this.#root = open({ ...options });
    const openTable = (name: TableName) =>
      this.#root.openDB<Buffer, Buffer>({ name, encoding: "binary", keyEncoding: "binary" });
    this.#tables = {
      store: openTable("store"),
      streams: openTable("streams"),
      events: openTable("events"),
      ids: openTable("ids"),
      producers: openTable("producers"),
      uses: openTable("uses"),
      graves: openTable("graves"),
    };
    this.#events = new EventScan(this.#root, "events");
  }

  /** @throws StreamError where the store cannot be opened; the message says why */
  static open(options: StoreOptions, directory: string): Store {
    try {
      return new Store(options);
    } catch (error) {
      throw explainFailure(error, "open", directory);
    }
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    return this.#tables[table].get(key);
  }

  range(table: TableName, range: Range): Iterable<Entry> {
    return this.#tables[table].getRange({ ...range, snapshot: true });
  }

  /** Looks at the events of a range, in the order of their keys, until there are no more or `see` says so. */
  scanEvents(range: Range, see: SeeValue): void {
    this.#events.run(range, see);
  }

  /** Lets go of the state that is being read, so that the next read sees the newest one. */
  refresh(): void {
    this.#root.resetReadTxn();
  }

  /**
   * Reads and writes with nobody writing in between, in no other process either. For opening only:
   * it waits for the disk.
   */
  transact(work: () => readonly Write[]): void {
    this.#root.transactionSync(() => {
      for (const { table, key, value } of work()) {
        if (value === undefined) this.#tables[table].removeSync(key);
        else this.#tables[table].putSync(key, value);
      }
    });
  }

  close(): Promise<void> {
    return this.#root.close();
  }
}
