// What the headers of a publishing request say about its events.

import type { NewEvent } from "../log/event.js";
import type { ProducerStamp } from "../log/event-log.js";
import { validateProducer } from "../log/validate-arguments.js";
import type { HubRequest } from "./exchange.js";
import type { Problem } from "./problem.js";
import { usableTrace } from "./publish-body.js";

/** Headers, read. */
export type PublishHeaders =
  | {
      readonly kind: "headers";
      readonly producer: ProducerStamp | undefined;
      /** The name that the header gives to the one event of the body. */
      readonly key: string | undefined;
      /** The trace for events that have none of their own. */
      readonly traceparent: string | undefined;
    }
  | { readonly kind: "invalid"; readonly problem: Problem };

/** Reads `Idempotency-Key`, `Producer-Id`, `Producer-Epoch`, `Producer-Seq` and `traceparent`. */
export function readPublishHeaders(request: HubRequest): PublishHeaders {
  const key = readKey(request);
  if (typeof key === "object") return key;
  const producer = readProducer(request);
  if (producer !== undefined && "kind" in producer) return producer;
  return {
    kind: "headers",
    key,
    producer,
    traceparent: usableTrace(request.header("traceparent")),
  };
}

/** The events with what the headers say about them, or why the two contradict each other. */
export function applyHeaders(
  events: readonly NewEvent[],
  { key, traceparent }: Extract<PublishHeaders, { kind: "headers" }>,
): readonly NewEvent[] | Problem {
  const [first] = events;
  if (key !== undefined && events.length > 1) {
    const detail =
      "Idempotency-Key names one event. Give each event of a batch its own id instead.";
    return invalidHeader(detail, "one event", `${events.length} events`).problem;
  }
  if (key !== undefined && first?.id !== undefined && first.id !== key) {
    const detail =
      "Idempotency-Key and the id of the event are not the same. Leave out one of them.";
    return invalidHeader(detail, "the same text", "two").problem;
  }
  if (key === undefined && traceparent === undefined) return events;
  return events.map((event) => ({
    ...event,
    id: event.id ?? key,
    traceparent: event.traceparent ?? traceparent,
  }));
}

function readKey(request: HubRequest): string | undefined | Invalid {
  const header = request.header("idempotency-key");
  if (header === undefined) return undefined;
  // The draft of the IETF writes it as a quoted string (RFC 9651 §3.3.3), practice without quotes.
  const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header) ?? [];
  const key = quoted === undefined ? header : quoted.replace(/\\(.)/g, "$1");
  if (/^[\x20-\x7e]{1,512}$/.test(key)) return key;
  return invalidHeader("Idempotency-Key cannot be used.", "1 to 512 characters of ASCII", "others");
}

function readProducer(request: HubRequest): ProducerStamp | undefined | Invalid {
  const id = request.header("producer-id");
  const epoch = request.header("producer-epoch");
  const sequence = request.header("producer-seq");
  if (id === undefined && epoch === undefined && sequence === undefined) return undefined;
  const stamp = { id: id ?? "", epoch: toInteger(epoch), sequence: toInteger(sequence) };
  try {
    validateProducer(stamp);
    return stamp;
  } catch {
    // The message of the log speaks of its own arguments; this one of headers.
    return invalidHeader(
      "Producer-Id, Producer-Epoch and Producer-Seq cannot be used as they are.",
      "all three: 1 to 128 characters of [A-Za-z0-9._~:-], and two integers from 0",
      "another combination",
    );
  }
}

type Invalid = Extract<PublishHeaders, { kind: "invalid" }>;

function toInteger(text: string | undefined): number {
  return text !== undefined && /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
}

function invalidHeader(detail: string, expected: string, got: string): Invalid {
  return {
    kind: "invalid",
    problem: { status: 400, code: "invalid-header", detail, expected, got },
  };
}
