// A subscription that is answered with a short, complete response in place of a stream, for readers
// behind something that holds the bytes of a stream back. PROTOCOL.md §4.
//
// It is a delivery like any other, which ends when it has brought something.

import { WAIT_PARAMETER } from "throughline/core";
import type { HubEnvironment, StopTimer } from "./environment.js";
import type { Frame } from "./frame.js";
import type { Problem } from "./problem.js";
import type { Sink, SinkOwner } from "./sink.js";
import { PULSE, type Subscriber } from "./subscriber.js";

/** The longest wait. Below the 30 s after which the most impatient proxies give a request up. */
const LONGEST_WAIT_MS = 25_000;

/** A reader that does not want to wait gets this long for the log to be read. */
const LEAST_WAIT_MS = 1000;

/** A response ends when it has so many bytes, although there is more: it has to pass as a whole. */
const ENOUGH_BYTES = 256 * 1024;

/** How long a reader wants to wait: `undefined` where it wants a stream. */
export type Wait =
  | { readonly kind: "wait"; readonly ms: number | undefined }
  | { readonly kind: "invalid"; readonly problem: Problem };

/** Reads the wait parameter. More than the hub allows is as much as it allows. */
export function parseWait(query: URLSearchParams): Wait {
  const text = query.get(WAIT_PARAMETER);
  if (text === null) return { kind: "wait", ms: undefined };
  if (/^\d{1,9}$/.test(text)) return { kind: "wait", ms: Math.min(Number(text), LONGEST_WAIT_MS) };
  return { kind: "invalid", problem: INVALID_WAIT };
}

/** The way out of a poll: writes on to the response, and ends the delivery when there was something. */
export class PollSink implements Sink {
  readonly #sink: Sink;
  readonly #environment: HubEnvironment;
  readonly #waitMs: number;
  #subscriber: Subscriber | undefined;
  #stop: StopTimer | undefined;
  #bytes = 0;
  /** Whether the next frame is the greeting, which is no news unless it tells a gap. */
  #isGreeting = true;
  #hasNews: boolean;

  /** @param options.hasNews whether the greeting alone is worth an answer */
  constructor(
    sink: Sink,
    environment: HubEnvironment,
    options: { readonly waitMs: number; readonly hasNews: boolean },
  ) {
    this.#sink = sink;
    this.#environment = environment;
    this.#waitMs = options.waitMs;
    this.#hasNews = options.hasNews || options.waitMs === 0;
  }

  /** Says whose delivery it is, before that begins. */
  serve(subscriber: Subscriber): void {
    this.#subscriber = subscriber;
    const waitMs = Math.max(this.#waitMs, LEAST_WAIT_MS);
    this.#stop = this.#environment.after(waitMs, () => subscriber.finish());
  }

  /** The reader has all that there is at the moment. */
  onLive(): void {
    this.#endSoon();
  }

  attach(owner: SinkOwner): void {
    this.#sink.attach({
      onWritable: () => owner.onWritable(),
      onFlushed: () => owner.onFlushed(),
      onLost: () => {
        this.#stop?.();
        owner.onLost();
      },
    });
  }

  write(frame: Frame): boolean {
    this.#bytes += frame.byteLength;
    if (!this.#isGreeting && frame !== PULSE) this.#hasNews = true;
    this.#isGreeting = false;
    this.#endSoon();
    return this.#sink.write(frame);
  }

  get isFull(): boolean {
    return this.#sink.isFull;
  }

  get queuedBytes(): number {
    return this.#sink.queuedBytes;
  }

  end(): void {
    this.#stop?.();
    this.#sink.end();
  }

  destroy(): void {
    this.#stop?.();
    this.#sink.destroy();
  }

  /** Not at once: what comes in the same turn belongs into the same response. */
  #endSoon(): void {
    if (this.#hasNews) this.#environment.defer(() => this.#endIfDone());
  }

  #endIfDone(): void {
    const subscriber = this.#subscriber;
    if (subscriber?.state === "live" || this.#bytes >= ENOUGH_BYTES) subscriber?.finish();
  }
}

const INVALID_WAIT: Problem = {
  status: 400,
  code: "invalid-wait",
  detail: `The "${WAIT_PARAMETER}" parameter cannot be read.`,
  expected: "milliseconds: 1 to 9 digits",
};
