// What the process that is killed has to do, and how its events look; known to it and to the checker.

import { type NewEvent, parseStreamName, type StreamName } from "@throughline/server/log";

/** The work of one life of the process. */
export interface CrashJob {
  readonly directory: string;
  readonly acknowledge: "durable" | "accepted";
  /** For each publisher the number of the first event to send. */
  readonly next: readonly number[];
}

/** Publishers that work at the same time; even ones give ids to their events, odd ones are stamped. */
export const PUBLISHERS = 8;
const STREAMS = 3;
/** Most events that a publisher sends at once. */
export const LARGEST_BATCH = 3;

/** How much of each stream is kept: little enough that a long run trims and deletes, too. */
export const MAX_EVENTS = 20_000;

/** The stream that a publisher writes to. */
export function streamOf(publisher: number): StreamName {
  return parseStreamName(`crash/${publisher % STREAMS}`);
}

/** All streams. */
export function allStreams(): readonly StreamName[] {
  return Array.from({ length: STREAMS }, (_, index) => streamOf(index));
}

/** The n-th event of a publisher: always the same, so that one that was not sent is recognised. */
export function eventOf(publisher: number, number: number): NewEvent {
  const data = `${publisher}:${number}:${"x".repeat((publisher * 31 + number * 17) % 400)}`;
  return publisher % 2 === 0 ? { data, id: `${publisher}:${number}` } : { data };
}

/** Whose event that is; `undefined` where nobody would send it. */
export function authorOf(data: string): { publisher: number; number: number } | undefined {
  const [publisher, number] = data.split(":", 2).map(Number);
  if (publisher === undefined || number === undefined) return undefined;
  return eventOf(publisher, number).data === data ? { publisher, number } : undefined;
}
