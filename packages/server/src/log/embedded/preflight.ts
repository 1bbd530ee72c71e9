// A look at the data file before LMDB gets it: LMDB maps it into memory, and a file that is no store
// or is cut short would end the whole process there.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { storeCorrupt } from "./failures.js";

/** Where things stand in a meta page (struct MDB_meta of LMDB, data version 2, behind 24 bytes). */
const MAGIC_AT = 24;
const VERSION_AT = 28;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const COMMIT_AT = 152;
const META_BYTES = 160;

const MAGIC = 0xbeef_c0de;
const DATA_VERSION = 2;
/** Powers of two; LMDB itself allows no others. */
const PAGE_SIZES = new Set([512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]);

/**
 * Makes sure that a data file is a whole LMDB file. An empty one is a new store.
 *
 * @throws StreamError `store-corrupt`
 */
export function examineDataFile(path: string): void {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    if (size === 0) return;
    const first = readMeta(file, 0);
    const second = first && readMeta(file, first.pageSize);
    if (first === undefined || second === undefined) {
      throw storeCorrupt(`${path} is no store of a log, or its beginning is damaged.`);
    }
    const newest = first.commit > second.commit ? first : second;
    const wanted = (newest.lastPage + 1) * newest.pageSize;
    if (size < wanted) {
      throw storeCorrupt(`${path} is cut short: it has ${size} bytes instead of ${wanted}.`);
    }
  } finally {
    closeSync(file);
  }
}

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly commit: number;
}

function readMeta(file: number, at: number): Meta | undefined {
  const page = Buffer.alloc(META_BYTES);
  if (readSync(file, page, 0, META_BYTES, at) < META_BYTES) return undefined;
  const view = new DataView(page.buffer, page.byteOffset, META_BYTES);
  // LMDB writes numbers as the machine has them; all platforms that it is built for are alike.
  const pageSize = view.getUint32(PAGE_SIZE_AT, true);
  if (view.getUint32(MAGIC_AT, true) !== MAGIC) return undefined;
  if (view.getUint32(VERSION_AT, true) !== DATA_VERSION) return undefined;
  if (!PAGE_SIZES.has(pageSize)) return undefined;
  return {
    pageSize,
    lastPage: Number(view.getBigUint64(LAST_PAGE_AT, true)),
    commit: Number(view.getBigUint64(COMMIT_AT, true)),
  };
}
