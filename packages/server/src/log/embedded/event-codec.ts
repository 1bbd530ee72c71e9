// How an event is written down: a head of fixed size, then its strings. The format is version 1 of
// the store (see store-record.ts); whoever changes it raises that number.
//
//   0   1 byte    which strings there are: 1 type, 2 topic, 4 id, 8 traceparent
//   1   6 bytes   time, milliseconds since 1970
//   7   8 bytes   size of all events before it in its stream, as a double
//  15   4 bytes   CRC-32 of the offset, of the head up to here and of everything after it
//  19   each string but the last with its length before it (4 bytes); then the data
//
// Numbers are big-endian. The sizes before an event make the stream searchable by size, as the times
// make it searchable by age: both only ever grow.

import { crc32 } from "node:zlib";
import { DEFAULT_EVENT_TYPE, type NewEvent, type StoredEvent } from "../event.js";

const HEAD_BYTES = 19;
const CRC_AT = 15;
const LENGTH_BYTES = 4;

/** The labels in the order in which they are written; the bit of each is `1 << index`. */
const LABELS = ["type", "topic", "id", "traceparent"] as const;
const TYPE_INDEX = LABELS.indexOf("type");
const ID_INDEX = LABELS.indexOf("id");

/** An event written down except for its place, which is known only when it is stored. */
export interface EncodedEvent {
  readonly id: string | undefined;
  /** The size as `eventBytes` counts it. */
  readonly bytes: number;
  readonly value: Buffer;
}

/** What the head of a stored event says. */
export interface EventHead {
  readonly timeMs: number;
  /** The size of all events before it in its stream, trimmed ones too. */
  readonly bytesBefore: number;
}

/** Writes an event down. What becomes of the event afterwards changes nothing. */
export function encodeEvent(event: NewEvent): EncodedEvent {
  let flags = 0;
  let labelBytes = 0;
  for (const [index, name] of LABELS.entries()) {
    const label = event[name];
    if (label === undefined || (index === TYPE_INDEX && label === DEFAULT_EVENT_TYPE)) continue;
    flags |= 1 << index;
    labelBytes += LENGTH_BYTES + Buffer.byteLength(label);
  }
  const size = HEAD_BYTES + labelBytes + Buffer.byteLength(event.data);
  // Not from the shared pool: the value is kept until it is on disk.
  const value = Buffer.allocUnsafeSlow(size);
  value[0] = flags;
  let at = HEAD_BYTES;
  if (flags !== 0) {
    for (const [index, name] of LABELS.entries()) {
      if ((flags & (1 << index)) === 0) continue;
      const length = value.write(event[name] ?? "", at + LENGTH_BYTES);
      value.writeUInt32BE(length, at);
      at += LENGTH_BYTES + length;
    }
  }
  value.write(event.data, at);
  return { id: event.id, bytes: storedBytes(value, size), value };
}

/** Completes an event with its place. May be called again with another one. */
export function placeEvent({ value }: EncodedEvent, offset: number, head: EventHead): void {
  value.writeUIntBE(head.timeMs, 1, 6);
  value.writeDoubleBE(head.bytesBefore, 7);
  value.writeUInt32BE(checksum(value, offset, value.length), CRC_AT);
}

/** Reads the head of an event. */
export function decodeHead(value: Buffer): EventHead {
  return { timeMs: value.readUIntBE(1, 6), bytesBefore: value.readDoubleBE(7) };
}

/**
 * Reads an event from the first `size` bytes of a buffer; `undefined` where these are not the bytes that were written
 * at this offset.
 */
export function decodeEvent(
  value: Buffer,
  offset: number,
  size = value.length,
): StoredEvent | undefined {
  if (size < HEAD_BYTES) return undefined;
  if (value.readUInt32BE(CRC_AT) !== checksum(value, offset, size)) return undefined;
  const { labels, dataAt } = decodeLabels(value);
  const [type = DEFAULT_EVENT_TYPE, topic, id, traceparent] = labels;
  const data = value.toString("utf8", dataAt, size);
  return { offset, timeMs: decodeHead(value).timeMs, type, data, topic, id, traceparent };
}

/** The size of an event that is written in so many bytes, as `eventBytes` counts it. */
export function storedBytes(value: Buffer, size: number): number {
  let bytes = size - HEAD_BYTES;
  for (let flags = value[0] ?? 0; flags !== 0; flags >>= 1) bytes -= (flags & 1) * LENGTH_BYTES;
  return bytes + (hasType(value) ? 0 : DEFAULT_EVENT_TYPE.length);
}

/** Reads nothing but the id of an event. */
export function decodeId(value: Buffer): string | undefined {
  return decodeLabels(value).labels[ID_INDEX];
}

/** Whether its type is written down, and not the default one. */
function hasType(value: Buffer): boolean {
  return ((value[0] ?? 0) & (1 << TYPE_INDEX)) !== 0;
}

interface Labels {
  readonly labels: readonly (string | undefined)[];
  readonly dataAt: number;
}

/** Most events have none. */
const NO_LABELS: Labels = { labels: [], dataAt: HEAD_BYTES };

function decodeLabels(value: Buffer): Labels {
  const flags = value[0] ?? 0;
  if (flags === 0) return NO_LABELS;
  let at = HEAD_BYTES;
  const labels = LABELS.map((_, index) => {
    if ((flags & (1 << index)) === 0) return undefined;
    const from = at + LENGTH_BYTES;
    at = from + value.readUInt32BE(at);
    return value.toString("utf8", from, at);
  });
  return { labels, dataAt: at };
}

function checksum({ buffer, byteOffset }: Buffer, offset: number, size: number): number {
  // The offset goes in as the value that the sum begins with: an event at another one's place is
  // as wrong as a flipped bit. 2^32 offsets later the same value comes again, and does no harm.
  // Plain arrays are made in half the time that `subarray` of a buffer takes, which shows in replays.
  const head = crc32(new Uint8Array(buffer, byteOffset, CRC_AT), offset % 2 ** 32);
  return crc32(new Uint8Array(buffer, byteOffset + HEAD_BYTES, size - HEAD_BYTES), head);
}
