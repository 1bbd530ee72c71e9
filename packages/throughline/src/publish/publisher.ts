// The publisher: gives events their ids, and sends them until it is known what became of them.

import { StreamError } from "../core/index.js";
import { Call, unlessAborted } from "./call.js";
import { createEnvironment, type Environment } from "./environment.js";
import { Lane } from "./lane.js";
import { milliseconds, type ResolvedPublisherOptions, resolvePublisherOptions } from "./options.js";
import { type Batch, type BatchOutcome, send } from "./send.js";
import type {
  PublishEvent,
  Published,
  Publisher,
  PublisherOptions,
  PublishOptions,
} from "./types.js";

/** Streams that one producer may write to; the sequence of each has to be remembered. */
const MOST_STREAMS = 10_000;

/** PROTOCOL.md §1. Segments of dots alone would lead to another address. */
const STREAM_NAME = /^(?!.{129})(?!\.{1,2}(?:\/|$))[\w.~-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/;

/**
 * Creates a publisher for the streams of a hub. It holds no connection and needs no closing.
 *
 * ```ts
 * const publisher = createPublisher({ url: "https://hub.example" });
 * await publisher.publish("feed", { data: { hello: "world" }, topic: "ward/42" });
 * ```
 *
 * @throws StreamError `invalid-option`
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const environment = createEnvironment();
  return new HttpPublisher(environment, resolvePublisherOptions(options, environment));
}

class HttpPublisher implements Publisher {
  readonly #environment: Environment;
  readonly #options: ResolvedPublisherOptions;
  readonly #lanes = new Map<string, Lane>();
  #pending = 0;

  constructor(environment: Environment, options: ResolvedPublisherOptions) {
    this.#environment = environment;
    this.#options = options;
  }

  async publish(
    stream: string,
    events: PublishEvent | readonly PublishEvent[],
    { signal, deadlineMs = this.#options.deadlineMs }: PublishOptions = {},
  ): Promise<Published> {
    const batch = this.#toBatch(stream, isBatch(events) ? events : [events]);
    milliseconds("deadlineMs", deadlineMs);
    if (this.#pending >= this.#options.maxPending) throw queueFull(this.#options.maxPending);
    const call = new Call(this.#environment, { deadlineMs, signal });
    this.#pending += 1;
    try {
      const sent = this.#send(stream, batch, call);
      const outcome = await unlessAborted(sent, call.signal);
      if (outcome.kind === "failed") throw outcome.error;
      return outcome.published;
    } finally {
      this.#pending -= 1;
      call.dispose();
    }
  }

  #send(stream: string, batch: Batch, call: Call): Promise<BatchOutcome> {
    const context = { environment: this.#environment, options: this.#options };
    const { producer } = this.#options;
    if (producer === undefined) return send(batch, call, context);
    return this.#laneOf(stream).enter((sequence) => {
      const stamp = {
        "producer-id": producer.id,
        "producer-epoch": `${producer.epoch}`,
        "producer-seq": `${sequence}`,
      };
      return send({ ...batch, headers: stamp }, call, context);
    });
  }

  #laneOf(stream: string): Lane {
    const known = this.#lanes.get(stream);
    if (known !== undefined) return known;
    if (this.#lanes.size >= MOST_STREAMS) throw tooManyStreams();
    const lane = new Lane(Math.floor(this.#environment.random() * 2 ** 40));
    this.#lanes.set(stream, lane);
    return lane;
  }

  #toBatch(stream: string, events: readonly PublishEvent[]): Batch {
    if (typeof stream !== "string" || !STREAM_NAME.test(stream)) {
      const expected = "1 to 128 characters of [A-Za-z0-9._~/-] without empty or dotted segments";
      throw refused("invalid-stream", `The name of a stream has ${expected}.`);
    }
    if (events.length === 0) throw refused("invalid-event", "A batch needs at least one event.");
    const { createId } = this.#environment;
    const identified = events.map((event) => ({ ...event, id: event.id ?? createId() }));
    const url = `${this.#options.url}/streams/${stream}`;
    return { url, body: toJson(identified), eventCount: events.length, headers: {} };
  }
}

function isBatch(
  events: PublishEvent | readonly PublishEvent[],
): events is readonly PublishEvent[] {
  return Array.isArray(events);
}

function toJson(events: readonly PublishEvent[]): string {
  try {
    return JSON.stringify(events);
  } catch (cause) {
    const message = "The data of an event cannot be written as JSON.";
    throw new StreamError(message, { code: "invalid-event", fault: "local", cause });
  }
}

function refused(code: "invalid-stream" | "invalid-event", message: string): StreamError {
  return new StreamError(message, { code, fault: "local" });
}

function queueFull(maxPending: number): StreamError {
  return new StreamError(
    `Nothing was sent: ${maxPending} calls are under way or in line. Publish in batches, or wait for ` +
      "some of them.",
    { code: "queue-full", fault: "local", retryable: true },
  );
}

function tooManyStreams(): StreamError {
  return new StreamError(
    `A producer writes to at most ${MOST_STREAMS} streams. Create another publisher for others.`,
    { code: "too-many-streams", fault: "local" },
  );
}
