// A drop-in reader behind a proxy, with everything noted that it was given, and when bytes came.

import { setTimeout as wait } from "node:timers/promises";
import { EventSource, type FetchLike } from "throughline";
import { createDeliveryChecker } from "../../src/checkers/index.js";

/** A reader of one stream, judged by ids alone. */
export interface WatchedReader {
  readonly source: EventSource;
  readonly checker: ReturnType<typeof createDeliveryChecker>;
  /** How many `error` events the application has seen. */
  errors(): number;
  /** The number of the newest event. */
  newest(): number;
  /** Waits until an event has come; rejects when it has not within the time. */
  until(number: number, withinMs: number): Promise<void>;
  /** The longest time without a byte since a moment of `performance.now()`, in milliseconds. */
  longestSilence(sinceMs: number): number;
  /** The longest time in which the application got no event. */
  longestWait(sinceMs: number): number;
  close(): void;
}

/** Opens a reader from the beginning of a stream of numbers; resolves when it is live. */
export async function openReader(url: string): Promise<WatchedReader> {
  const checker = createDeliveryChecker();
  const bytesAtMs: number[] = [];
  const eventsAtMs: number[] = [];
  let newest = 0;
  let errors = 0;
  const tapped: FetchLike = async (target, init) => {
    const response = await fetch(target, init);
    if (init.method !== "GET" || response.body === null) return response;
    const note = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, controller) => {
        bytesAtMs.push(performance.now());
        controller.enqueue(bytes);
      },
    });
    const { status, headers } = response;
    return { status, url: response.url, headers, body: response.body.pipeThrough(note) };
  };
  const source = new EventSource(url, {
    fetch: tapped,
    lastEventId: "earliest",
    onGap: (gap) => checker.toldGap("reader", gap),
  });
  source.addEventListener("message", ({ data }) => {
    newest = Number(data);
    eventsAtMs.push(performance.now());
    checker.received("reader", newest);
  });
  source.addEventListener("error", () => {
    errors += 1;
  });
  await new Promise((resolve) => source.addEventListener("open", resolve, { once: true }));
  return {
    source,
    checker,
    errors: () => errors,
    newest: () => newest,
    until: async (number, withinMs) => {
      const untilMs = performance.now() + withinMs;
      while (newest < number) {
        if (performance.now() > untilMs) {
          const { state, reason } = source.connection;
          throw new Error(`${number} has not come: ${newest}, ${state} (${reason})`);
        }
        await wait(5);
      }
    },
    longestSilence: (sinceMs) => longestGap(bytesAtMs, sinceMs),
    longestWait: (sinceMs) => longestGap(eventsAtMs, sinceMs),
    close: () => source.close(),
  };
}

/** From one moment to the next, beginning with one and ending now. */
function longestGap(momentsMs: readonly number[], sinceMs: number): number {
  let longest = 0;
  let last = sinceMs;
  for (const atMs of [...momentsMs, performance.now()]) {
    if (atMs <= last) continue;
    longest = Math.max(longest, atMs - last);
    last = atMs;
  }
  return longest;
}

/** Publishes numbers from 1, and tells a reader's checker what was acknowledged. */
export function createNumbers(
  publish: (data: string) => Promise<unknown>,
  readers: () => readonly WatchedReader[],
) {
  let count = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const next = async () => {
    count += 1;
    const number = count;
    await publish(String(number));
    for (const { checker } of readers()) checker.published(number, number);
    return number;
  };
  return {
    next,
    /** How many there are so far. */
    count: () => count,
    /** Publishes one every so many milliseconds until it is told to stop. */
    start: (everyMs: number) => {
      timer = setInterval(() => void next(), everyMs);
    },
    stop: () => clearInterval(timer),
  };
}
