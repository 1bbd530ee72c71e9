// What may be published, whoever publishes it: a request or the program that runs the hub.

import {
  type Cursor,
  encodeCursor,
  isReserved,
  LONGEST_TOPIC,
  RESERVED_PREFIX,
} from "throughline/core";
import { eventBytes, type NewEvent } from "../log/event.js";
import type { AppendResult } from "../log/event-log.js";
import type { HubSettings } from "./options.js";
import type { Problem } from "./problem.js";
import { isTopic } from "./topic-filter.js";

/** What became of published events. */
export interface Published {
  /** The cursor of each event, in order. */
  readonly cursors: readonly Cursor[];
  /**
   * The indices of those that the stream had already, so that nothing was stored for them; their
   * cursors are those of the first time. Empty where all were new.
   */
  readonly duplicates: readonly number[];
}

/** The answer to a publisher. */
export function publishedOf({ epoch, events }: AppendResult): Published {
  const cursors: Cursor[] = [];
  const duplicates: number[] = [];
  for (const [index, { offset, isDuplicate }] of events.entries()) {
    cursors.push(encodeCursor({ epoch, offset }));
    if (isDuplicate) duplicates.push(index);
  }
  return { cursors, duplicates };
}

/**
 * Checks a batch against the hub's limits and the protocol. What the log checks (see
 * `validateEvents`) is left to it.
 *
 * @param nameOf what an event is called towards its publisher, by its index
 * @returns what is wrong with it, or `undefined`
 */
export function checkBatch(
  events: readonly NewEvent[],
  settings: HubSettings,
  nameOf: (index: number) => string = (index) => `events[${index}]`,
): Problem | undefined {
  const { maxBatchEvents, maxEventBytes } = settings;
  if (events.length > maxBatchEvents) {
    return {
      status: 413,
      code: "batch-too-large",
      detail: "The batch has too many events. Publish it in parts.",
      expected: `at most ${maxBatchEvents} events`,
      got: `${events.length} events`,
    };
  }
  for (const [index, event] of events.entries()) {
    const problem = checkEvent(event, nameOf(index), maxEventBytes);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkEvent(event: NewEvent, name: string, maxEventBytes: number): Problem | undefined {
  const { type, topic } = event;
  if (type !== undefined && isReserved(type)) {
    const detail = `${name}.type belongs to the protocol.`;
    return invalidEvent(detail, `a type that does not begin with "${RESERVED_PREFIX}"`);
  }
  if (topic !== undefined && !isTopic(topic)) {
    const detail = `${name}.topic cannot be a topic.`;
    const expected = `1 to ${LONGEST_TOPIC} characters without control characters, commas and asterisks`;
    return invalidEvent(detail, expected);
  }
  const bytes = eventBytes(event);
  if (bytes <= maxEventBytes) return undefined;
  return {
    status: 413,
    code: "event-too-large",
    detail: `${name} is too large. Publish a reference to it instead.`,
    expected: `at most ${maxEventBytes} bytes`,
    got: `${bytes} bytes`,
  };
}

function invalidEvent(detail: string, expected: string): Problem {
  return { status: 400, code: "invalid-event", detail, expected };
}
