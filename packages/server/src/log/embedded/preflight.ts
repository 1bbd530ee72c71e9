// A look at the data file before LMDB gets it. LMDB trusts its file, which it maps into memory: one
// that is no store, is cut short or was overwritten would end the whole process, or lose events
// without a word. So the pages are read here as bytes first, from the roots of the trees on.
//
// What events themselves say is guarded by their checksums, whenever they are read.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { storeCorrupt } from "./failures.js";

/**
 * Most pages that are looked at, the ones nearest to the roots first: 64 MiB, some tens of
 * milliseconds. In a larger store the leaves beyond it are not.
 */
const MOST_PAGES = 16_384;

/** Where things stand in a meta page (struct MDB_meta of LMDB, data version 2, behind 24 bytes). */
const MAGIC_AT = 24;
const VERSION_AT = 28;
const PAGE_SIZE_AT = 48;
const FREE_ROOT_AT = 88;
const MAIN_ROOT_AT = 136;
const LAST_PAGE_AT = 144;
const COMMIT_AT = 152;
const META_BYTES = 160;

const MAGIC = 0xbeef_c0de;
const DATA_VERSION = 2;
/** Powers of two; LMDB itself allows no others. */
const PAGE_SIZES = new Set([512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]);

/** Where things stand in any other page (struct MDB_page) and in its nodes (struct MDB_node). */
const FLAGS_AT = 18;
const LOWER_AT = 20;
const UPPER_AT = 22;
const PAGE_HEAD_BYTES = 24;
const NODE_HEAD_BYTES = 8;
/** Where the root stands in what a leaf says about a table (struct MDB_db). */
const TABLE_ROOT_AT = 40;
const TABLE_BYTES = 48;

const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;
const NODE_IS_BIG = 1;
const NODE_IS_TABLE = 2;
/** The root of an empty tree: all bits set. */
const NO_PAGE = 2 ** 64;

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
    const metas = readMetas(file);
    if (metas.length < 2) {
      throw storeCorrupt(`${path} is no store of a log, or its beginning is damaged.`);
    }
    // After a power failure LMDB itself goes back from the newest one to one that was flushed.
    if (!metas.some((meta) => isWhole(file, size, meta))) {
      throw storeCorrupt(`${path} is cut short, or was overwritten in part.`);
    }
  } finally {
    closeSync(file);
  }
}

interface Meta {
  readonly pageSize: number;
  readonly roots: readonly number[];
  readonly lastPage: number;
  readonly commit: number;
}

/** The descriptions of the store that the file begins with, the newest first. */
function readMetas(file: number): readonly Meta[] {
  const first = readMeta(file, 0);
  if (first === undefined) return [];
  // The one in the middle of the first page is there where commits are flushed afterwards.
  const others = [first.pageSize, first.pageSize / 2].map((at) => readMeta(file, at));
  return [first, ...others]
    .filter((meta) => meta !== undefined)
    .sort((one, other) => other.commit - one.commit);
}

function readMeta(file: number, at: number): Meta | undefined {
  const page = Buffer.alloc(META_BYTES);
  if (readSync(file, page, 0, META_BYTES, at) < META_BYTES) return undefined;
  // LMDB writes numbers as the machine has them; all platforms that it is built for are alike.
  const pageSize = page.readUInt32LE(PAGE_SIZE_AT);
  if (page.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined;
  if (page.readUInt32LE(VERSION_AT) !== DATA_VERSION) return undefined;
  if (!PAGE_SIZES.has(pageSize)) return undefined;
  return {
    pageSize,
    roots: [readNumber(page, MAIN_ROOT_AT), readNumber(page, FREE_ROOT_AT)],
    lastPage: readNumber(page, LAST_PAGE_AT),
    commit: readNumber(page, COMMIT_AT),
  };
}

/** Whether all pages that can be reached from the roots are what they have to be. */
function isWhole(file: number, size: number, { pageSize, roots, lastPage }: Meta): boolean {
  const page = Buffer.alloc(pageSize);
  const waiting = roots.filter((root) => root !== NO_PAGE);
  for (let index = 0; index < waiting.length && index < MOST_PAGES; index += 1) {
    const number = waiting[index] ?? 0;
    if (number < 2 || number > lastPage || (number + 1) * pageSize > size) return false;
    readSync(file, page, 0, pageSize, number * pageSize);
    const below = examinePage(page, number);
    if (below === undefined) return false;
    for (const next of below) waiting.push(next);
  }
  return true;
}

/** The pages that a page refers to; `undefined` where it is not the page it has to be. */
function examinePage(page: Buffer, number: number): readonly number[] | undefined {
  const flags = page.readUInt16LE(FLAGS_AT);
  if (readNumber(page, 0) !== number) return undefined;
  if ((flags & OVERFLOW) !== 0) return [];
  const isBranch = (flags & BRANCH) !== 0;
  if (isBranch === ((flags & LEAF) !== 0)) return undefined;
  const room = page.length - PAGE_HEAD_BYTES;
  const lower = page.readUInt16LE(LOWER_AT);
  const upper = page.readUInt16LE(UPPER_AT);
  if (lower % 2 !== 0 || lower > upper || upper > room) return undefined;
  const below: number[] = [];
  for (let at = 0; at < lower; at += 2) {
    const node = page.readUInt16LE(PAGE_HEAD_BYTES + at);
    if (node < upper || node + NODE_HEAD_BYTES > room) return undefined;
    const next = examineNode(page.subarray(PAGE_HEAD_BYTES + node), isBranch);
    if (next === undefined) return undefined;
    if (next !== NO_PAGE) below.push(next);
  }
  return below;
}

/** The page that a node refers to, if any; `undefined` where the node reaches beyond its page. */
function examineNode(node: Buffer, isBranch: boolean): number | undefined {
  const low = node.readUInt32LE(0);
  const flags = node.readUInt16LE(4);
  const keyEnd = NODE_HEAD_BYTES + node.readUInt16LE(6);
  if (isBranch) return keyEnd > node.length ? undefined : flags * 2 ** 32 + low;
  const isBig = (flags & NODE_IS_BIG) !== 0;
  if (keyEnd + (isBig ? 8 : low) > node.length) return undefined;
  if (isBig) return readNumber(node, keyEnd);
  if ((flags & NODE_IS_TABLE) === 0) return NO_PAGE;
  return low < TABLE_BYTES ? undefined : readNumber(node, keyEnd + TABLE_ROOT_AT);
}

/** A number of 64 bits; exact where it can be a page, and 2^64 where all bits are set. */
function readNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);
}
