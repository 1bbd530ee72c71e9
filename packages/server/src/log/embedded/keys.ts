// The keys of the store. All begin with the life of the stream, a number that is given out once, so
// that what a removed stream left behind can never be taken for something of its successor.

import { hash } from "node:crypto";

const LIFE_BYTES = 4;
/** Of a SHA-256: enough that two ids of one stream do not meet by chance or by intent. */
const HASH_BYTES = 16;

/** What all keys of a life begin with. */
export function lifeKey(life: number): Buffer {
  const key = Buffer.allocUnsafe(LIFE_BYTES);
  key.writeUInt32BE(life);
  return key;
}

/** Where an event stands. Keys sort as offsets do. */
export function eventKey(life: number, offset: number): Buffer {
  return numberKey(life, offset);
}

/** Where the n-th use of a producer's number stands. Keys sort as uses do. */
export function useKey(life: number, use: number): Buffer {
  return numberKey(life, use);
}

/** Where the offset of an event id stands: ids may be longer than a key, so it is their hash. */
export function idKey(life: number, id: string): Buffer {
  const digest = hash("sha256", id, "buffer");
  return Buffer.concat([lifeKey(life), digest.subarray(0, HASH_BYTES)]);
}

/** Where a producer stands. */
export function producerKey(life: number, id: string): Buffer {
  return Buffer.concat([lifeKey(life), Buffer.from(id, "latin1")]);
}

/** The offset that an event key is of. */
export function offsetOf(key: Buffer): number {
  return key.readUInt32BE(LIFE_BYTES) * 2 ** 32 + key.readUInt32BE(LIFE_BYTES + 4);
}

function numberKey(life: number, number: number): Buffer {
  const key = Buffer.allocUnsafe(LIFE_BYTES + 8);
  key.writeUInt32BE(life);
  key.writeUInt32BE(Math.floor(number / 2 ** 32), LIFE_BYTES);
  key.writeUInt32BE(number % 2 ** 32, LIFE_BYTES + 4);
  return key;
}
