// The tables of the store, and writes to them as bytes that can be handed to another thread.

/** The tables, by the number that each has in a list of writes. */
export const TABLES = ["store", "streams", "events", "ids", "producers", "uses", "graves"] as const;

/** A table of the store. */
export type TableName = (typeof TABLES)[number];

/** One change of a table; without a value the key is removed. */
export interface Write {
  readonly table: TableName;
  readonly key: Buffer;
  readonly value: Buffer | undefined;
}

const FIXED_BYTES = 1 + 2 + 4;
/** Stands for the length of a value that is not there. */
const NO_VALUE = 0xffff_ffff;

/**
 * Writes as one buffer of their own, so that it can be moved to another thread instead of copied:
 * for each the number of its table, the lengths of key and value, the key and the value.
 */
export function encodeWrites(writes: readonly Write[]): ArrayBuffer {
  let size = 0;
  for (const { key, value } of writes) size += FIXED_BYTES + key.length + (value?.length ?? 0);
  const bytes = new ArrayBuffer(size);
  const buffer = Buffer.from(bytes);
  let at = 0;
  for (const { table, key, value } of writes) {
    at = buffer.writeUInt8(TABLES.indexOf(table), at);
    at = buffer.writeUInt16BE(key.length, at);
    at = buffer.writeUInt32BE(value?.length ?? NO_VALUE, at);
    at += key.copy(buffer, at);
    if (value !== undefined) at += value.copy(buffer, at);
  }
  return bytes;
}
