// What an append changes. Everything that can refuse it comes before anything is changed.

import type { Appended, AppendResult, ProducerStamp } from "../event-log.js";
import {
  findRepeated,
  type ProducerRecord,
  REMEMBERED_PRODUCERS,
  rememberOutcome,
} from "../producer.js";
import type { Retention } from "../refusals.js";
import { sealed } from "../sealed.js";
import type { Draft } from "./draft.js";
import type { EmbeddedStream } from "./embedded-stream.js";
import { type EncodedEvent, placeEvent } from "./event-codec.js";
import { eventKey, idKey, lifeKey, producerKey, useKey } from "./keys.js";
import { type Bounds, retain } from "./retention.js";
import type { StreamState } from "./stream-state.js";

/**
 * What an event takes on disk beside its text, as the log counts it: measured with short events, 40
 * bytes for its key, its head and its slot, in pages that are two thirds full.
 */
const EVENT_OVERHEAD_BYTES = 64;

/** The same for the entry of its id in the index. */
const ID_OVERHEAD_BYTES = 64;

/** What an event counts for. */
export function weightOf({ id, bytes }: EncodedEvent): number {
  return bytes + EVENT_OVERHEAD_BYTES + (id === undefined ? 0 : ID_OVERHEAD_BYTES);
}

/** A batch on its way into a stream. */
export interface Batch {
  readonly events: readonly EncodedEvent[];
  readonly producer: ProducerStamp | undefined;
  readonly nowMs: number;
}

/** What remains of a producer: which use of the stream was its last one, and what came of it. */
interface StoredProducer {
  readonly use: number;
  readonly record: ProducerRecord;
}

/**
 * Stores what is new in a batch, into a stream that exists.
 *
 * @throws StreamError as `EventLog.append` has it for producers and for complete streams
 */
export function appendTo(
  draft: Draft,
  stream: EmbeddedStream,
  batch: Batch,
  retention: Retention,
): AppendResult {
  const { producer } = batch;
  const state = expire(draft, stream, boundsAt(retention, batch.nowMs));
  const known = producer && findProducer(draft, state, producer.id);
  const repeated = producer && findRepeated(known?.record, producer, batch.events.length);
  if (repeated !== undefined) {
    const events = repeated.map((offset) => ({ offset, isDuplicate: true }));
    return { epoch: state.epoch, events };
  }
  const isNew = (event: EncodedEvent) => findId(draft, state, idKeyOf(state, event)) === undefined;
  if (state.sealed && batch.events.some(isNew)) throw sealed(stream.name);
  const writing = { ...state, lastTimeMs: Math.max(state.lastTimeMs, batch.nowMs) };
  const events = batch.events.map((event) => store(draft, writing, event));
  if (producer !== undefined) {
    const offsets = events.map(({ offset }) => offset);
    const record = rememberOutcome(known?.record, producer, offsets);
    rememberProducer(draft, writing, producer.id, known, record);
  }
  draft.setState(stream, writing);
  // One by one: the retention is all options of the log, and to copy them costs as much as the rest here.
  const { maxEvents, maxBytes } = retention;
  expire(draft, stream, { ...boundsAt(retention, batch.nowMs), maxEvents, maxBytes });
  return { epoch: state.epoch, events };
}

/** Trims what lies outside of the bounds. The stream must exist. */
export function expire(draft: Draft, stream: EmbeddedStream, bounds: Bounds): StreamState {
  const state = draft.state(stream) as StreamState;
  const kept = retain(state, bounds, (offset) => draft.readHead(stream, state.life, offset));
  if (kept !== state) draft.setState(stream, kept);
  return kept;
}

/** Only age; number and size are looked at after a batch. */
export function boundsAt({ maxAgeMs }: Pick<Retention, "maxAgeMs">, nowMs: number): Bounds {
  return {
    keptFromMs: nowMs - maxAgeMs,
    maxEvents: Number.MAX_SAFE_INTEGER,
    maxBytes: Number.MAX_SAFE_INTEGER,
  };
}

/** A state while a batch goes into it. */
type Writing = { -readonly [Name in keyof StreamState]: StreamState[Name] };

/** Stores an event, if its id is not that of one which is stored already. */
function store(draft: Draft, state: Writing, event: EncodedEvent): Appended {
  const id = idKeyOf(state, event);
  const known = findId(draft, state, id);
  if (known !== undefined) return { offset: known, isDuplicate: true };
  state.offset += 1;
  const { offset } = state;
  placeEvent(event, offset, { timeMs: state.lastTimeMs, bytesBefore: state.totalBytes });
  state.totalBytes += weightOf(event);
  draft.put("events", eventKey(state.life, offset), event.value);
  if (id !== undefined) draft.put("ids", id, encodeNumber(offset));
  return { offset, isDuplicate: false };
}

function idKeyOf({ life }: StreamState, { id }: EncodedEvent): Buffer | undefined {
  return id === undefined ? undefined : idKey(life, id);
}

/** The offset of the event whose id has that key, if it is stored. */
function findId(draft: Draft, state: StreamState, key: Buffer | undefined): number | undefined {
  const value = key && draft.get("ids", key);
  if (value === undefined) return undefined;
  const offset = value.readDoubleBE();
  // The index is cleared in the background; an id is known only as long as its event is stored.
  return offset >= state.earliest ? offset : undefined;
}

function findProducer(draft: Draft, { life }: StreamState, id: string): StoredProducer | undefined {
  const value = draft.get("producers", producerKey(life, id));
  return value && (JSON.parse(value.toString()) as StoredProducer);
}

/** Remembers an outcome, and forgets the producer that appended least recently if need be. */
function rememberProducer(
  draft: Draft,
  state: Writing,
  id: string,
  known: StoredProducer | undefined,
  record: ProducerRecord,
): void {
  const { life } = state;
  if (known === undefined) state.producers += 1;
  else draft.remove("uses", useKey(life, known.use));
  state.uses += 1;
  const stored: StoredProducer = { use: state.uses, record };
  draft.put("producers", producerKey(life, id), Buffer.from(JSON.stringify(stored)));
  draft.put("uses", useKey(life, state.uses), Buffer.from(id, "latin1"));
  if (state.producers <= REMEMBERED_PRODUCERS) return;
  const oldest = oldestUse(draft, life);
  if (oldest === undefined) return;
  draft.remove("uses", oldest.key);
  draft.remove("producers", producerKey(life, oldest.value.toString("latin1")));
  state.producers -= 1;
}

/** The use of the producer that appended least recently: nearly always one that is committed. */
function oldestUse(draft: Draft, life: number): { key: Buffer; value: Buffer } | undefined {
  const range = { start: lifeKey(life), end: lifeKey(life + 1) };
  for (const entry of draft.committed("uses", range)) return entry;
  let oldest: { key: Buffer; value: Buffer } | undefined;
  for (const { key, value } of draft.added("uses")) {
    if (value === undefined || !key.subarray(0, 4).equals(lifeKey(life))) continue;
    if (oldest === undefined || key.compare(oldest.key) < 0) oldest = { key, value };
  }
  return oldest;
}

function encodeNumber(number: number): Buffer {
  const value = Buffer.allocUnsafe(8);
  value.writeDoubleBE(number);
  return value;
}
