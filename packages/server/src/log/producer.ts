// What the stamp of a producer means, given what a log remembers of that producer. Pure, and shared
// by all logs, so that each of them repeats, fences and refuses alike.

import { StreamError } from "throughline/core";
import type { ProducerStamp } from "./event-log.js";

/** Batches of each producer whose outcome is remembered: what a publisher may have in flight. */
export const REMEMBERED_BATCHES = 5;

/** Producers of each stream that are remembered, those that appended last. */
export const REMEMBERED_PRODUCERS = 1000;

/** What became of one batch. */
export interface ProducerOutcome {
  readonly sequence: number;
  /** Where its events stand, in the order of the batch, as runs of consecutive offsets. */
  readonly runs: readonly OffsetRun[];
}

/** Consecutive offsets. Most batches are one run, however many events they have. */
export interface OffsetRun {
  readonly first: number;
  /** How many, at least 1. */
  readonly count: number;
}

/** What a log remembers of one producer of one stream. Plain data: it survives JSON. */
export interface ProducerRecord {
  readonly epoch: number;
  /** The newest batches of that epoch, the oldest first: 1 to {@link REMEMBERED_BATCHES}. */
  readonly outcomes: readonly ProducerOutcome[];
}

/**
 * Decides what becomes of a batch with a stamp.
 *
 * @param record what is remembered of the producer; `undefined` where it is not known
 * @param eventCount how many events the batch has
 * @returns the offsets of its events where the batch repeats one that is remembered; `undefined`
 *   where it is the next one and has to be stored
 * @throws StreamError `producer-fenced`; `producer-out-of-order`, also for a batch that has the
 *   sequence of a known one and not as many events
 */
export function findRepeated(
  record: ProducerRecord | undefined,
  stamp: ProducerStamp,
  eventCount: number,
): readonly number[] | undefined {
  if (record === undefined || stamp.epoch > record.epoch) return undefined;
  if (stamp.epoch < record.epoch) throw fenced(stamp, record.epoch);
  const expected = nextSequence(record);
  if (stamp.sequence === expected) return undefined;
  const known = record.outcomes.find((outcome) => outcome.sequence === stamp.sequence);
  const offsets = known === undefined ? [] : offsetsOf(known.runs);
  if (offsets.length === eventCount) return offsets;
  throw new ProducerOrderError(stamp, expected);
}

/** The record of a producer after a batch that {@link findRepeated} had stored. */
export function rememberOutcome(
  record: ProducerRecord | undefined,
  stamp: ProducerStamp,
  offsets: readonly number[],
): ProducerRecord {
  const { epoch, sequence } = stamp;
  const outcome: ProducerOutcome = { sequence, runs: runsOf(offsets) };
  const earlier = record?.epoch === epoch ? record.outcomes : [];
  return { epoch, outcomes: [...earlier, outcome].slice(-REMEMBERED_BATCHES) };
}

/** `producer-out-of-order`, with the sequence that would have been right. */
export class ProducerOrderError extends StreamError {
  readonly expectedSequence: number;

  constructor({ id, sequence }: ProducerStamp, expectedSequence: number) {
    super(
      `Producer ${id} must send batch ${expectedSequence} next, or repeat one of its newest ` +
        `${REMEMBERED_BATCHES} unchanged; got batch ${sequence}.`,
      { code: "producer-out-of-order", fault: "local" },
    );
    this.expectedSequence = expectedSequence;
  }
}

function fenced({ id, epoch }: ProducerStamp, knownEpoch: number): StreamError {
  return new StreamError(
    `Producer ${id} has been replaced: its epoch is ${knownEpoch}; got ${epoch}. Stop, or begin ` +
      "anew with a higher epoch.",
    { code: "producer-fenced", fault: "local" },
  );
}

function nextSequence({ outcomes }: ProducerRecord): number {
  return (outcomes.at(-1)?.sequence ?? -1) + 1;
}

function runsOf(offsets: readonly number[]): readonly OffsetRun[] {
  const runs: { first: number; count: number }[] = [];
  for (const offset of offsets) {
    const run = runs.at(-1);
    if (run !== undefined && run.first + run.count === offset) run.count += 1;
    else runs.push({ first: offset, count: 1 });
  }
  return runs;
}

function offsetsOf(runs: readonly OffsetRun[]): readonly number[] {
  return runs.flatMap(({ first, count }) =>
    Array.from({ length: count }, (_, index) => first + index),
  );
}
