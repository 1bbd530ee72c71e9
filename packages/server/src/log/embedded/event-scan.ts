// Many events, one after the other, without copies: each value is looked at where LMDB has put it, which is where it
// puts the next one. A replay has little else to do, and copying a key and a value costs it as much as reading them.

import type { Database, RootDatabase, RootDatabaseOptions } from "lmdb";
import type { Range } from "./store.js";
import type { TableName } from "./tables.js";

/**
 * Looks at a value, and says whether to go on. The bytes are good until it returns: there are `size` of them, whatever
 * the buffer's length is. It must neither throw nor read the store.
 */
export type SeeValue = (bytes: Buffer, size: number) => boolean;

const seeNothing: SeeValue = () => false;

/** A table, opened once more to be read from one entry to the next. */
export class EventScan {
  readonly #entries: Database<boolean, Buffer>;
  #see = seeNothing;

  constructor(root: RootDatabase<Buffer, Buffer>, name: TableName) {
    const options: RootDatabaseOptions & { readonly name: string } = {
      name,
      encoder: {
        encode: () => {
          throw new Error("Nothing is written through a scan.");
        },
        decode: (bytes: Buffer, size: number) => this.#see(bytes, size),
      },
      keyEncoder: {
        writeKey: (key: Buffer, target: Uint8Array, at: number) => {
          target.set(key, at);
          return at + key.length;
        },
        // Which entry it is, the value itself has to say.
        readKey: () => undefined,
      },
    };
    this.#entries = root.openDB<boolean, Buffer>(options);
  }

  /** Shows the values of a range in the order of their keys, until there are no more or `see` says so. */
  run(range: Range, see: SeeValue): void {
    this.#see = see;
    try {
      for (const { value: goesOn } of this.#entries.getRange({ ...range, snapshot: true })) {
        if (!goesOn) return;
      }
    } finally {
      // What it has seen is not kept alive until the next one.
      this.#see = seeNothing;
    }
  }
}
