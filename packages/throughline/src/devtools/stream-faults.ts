// Faults that a developer injects into one stream, by a `fetch` that stands before the real one.

import type { FetchInit, FetchLike, FetchResponse } from "../client/index.js";
import { EVENT_STREAM } from "../core/index.js";

/** Bytes that may be held back; with more, the server is no longer read from. */
const HELD_BYTES = 4 * 1024 * 1024;

/** The faults of one stream. All are off at first, and hold for the requests of this stream alone. */
export class StreamFaults {
  readonly #onChange: () => void;
  /** Break the bodies that are being read. */
  readonly #breakers = new Set<() => void>();
  /** Called when the silence is over. */
  #afterSilence: (() => void)[] = [];
  #isSilent = false;
  #delayMs = 0;
  /** Attempts that will be refused, as if nobody were there. */
  #refusals = 0;
  /** Attempts that will be answered 503. */
  #unavailable = 0;
  #losesLease = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }
  get delayMs(): number {
    return this.#delayMs;
  }
  get refusals(): number {
    return this.#refusals;
  }
  get unavailable(): number {
    return this.#unavailable;
  }
  get losesLease(): boolean {
    return this.#losesLease;
  }

  /** Whether any fault is at work, or waits for its moment. */
  get isActive(): boolean {
    return (
      this.#isSilent ||
      this.#losesLease ||
      this.#delayMs > 0 ||
      this.#refusals > 0 ||
      this.#unavailable > 0
    );
  }

  /** Breaks the connection, as a network does. */
  drop(): void {
    for (const breakOff of [...this.#breakers]) breakOff();
  }

  /** Lets nothing through: no answer, no byte, no end. What comes meanwhile comes afterwards. */
  silence(isSilent: boolean): void {
    this.#isSilent = isSilent;
    const waiting = isSilent ? [] : this.#afterSilence.splice(0);
    for (const goOn of waiting) goOn();
    this.#onChange();
  }

  /** Lets everything through so many milliseconds late. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
    this.#onChange();
  }

  /** Refuses so many attempts from now on. */
  refuse(attempts: number): void {
    this.#refusals = attempts;
    this.#onChange();
  }

  /** Answers so many attempts from now on with 503. */
  answerUnavailable(attempts: number): void {
    this.#unavailable = attempts;
    this.#onChange();
  }

  /** Answers the next renewal of the lease as a server does that has forgotten the connection. */
  loseLease(isLost: boolean): void {
    this.#losesLease = isLost;
    this.#onChange();
  }

  clear(): void {
    this.#delayMs = 0;
    this.#refusals = 0;
    this.#unavailable = 0;
    this.#losesLease = false;
    this.silence(false);
  }

  /** A `fetch` with these faults. */
  wrap(fetch: FetchLike): FetchLike {
    return async (url, init) => {
      if (init.headers["accept"] !== EVENT_STREAM) return this.#renewLease(fetch, url, init);
      if (this.#refusals > 0) {
        this.refuse(this.#refusals - 1);
        throw new TypeError("Refused by the Throughline devtools.");
      }
      if (this.#unavailable > 0) {
        this.answerUnavailable(this.#unavailable - 1);
        return new Response(null, { status: 503 });
      }
      const response = await fetch(url, init);
      await this.#silenceOver();
      const { body } = response;
      return body === null ? response : withBody(response, this.#through(body));
    };
  }

  async #renewLease(fetch: FetchLike, url: string, init: FetchInit): Promise<FetchResponse> {
    if (!this.#losesLease) return fetch(url, init);
    this.loseLease(false);
    return new Response(null, { status: 404 });
  }

  async #silenceOver(): Promise<void> {
    while (this.#isSilent) {
      await new Promise<void>((resolve) => {
        this.#afterSilence.push(resolve);
      });
    }
  }

  #through(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    let breakOff = () => {};
    const leave = () => void this.#breakers.delete(breakOff);
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        breakOff = () => {
          leave();
          controller.error(new TypeError("Broken by the Throughline devtools."));
          // What is still to come is of no interest, and neither is whether that could be said.
          reader.cancel().catch(() => {});
        };
        this.#breakers.add(breakOff);
        void this.#pump(reader, controller).then(leave, (error) => {
          leave();
          controller.error(error);
        });
      },
      cancel: (reason) => {
        leave();
        return reader.cancel(reason);
      },
    });
  }

  async #pump(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    let passed: Promise<void> = Promise.resolve();
    let heldBytes = 0;
    for (;;) {
      const { value } = await reader.read();
      const dueMs = performance.now() + this.#delayMs;
      const isHere = passed;
      passed = isHere.then(async () => {
        const waitMs = dueMs - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        await this.#silenceOver();
        // It may have been broken meanwhile.
        if (value !== undefined && controller.desiredSize !== null) controller.enqueue(value);
        heldBytes -= value?.byteLength ?? 0;
      });
      heldBytes += value?.byteLength ?? 0;
      if (value === undefined || heldBytes > HELD_BYTES) await passed;
      if (value !== undefined) continue;
      if (controller.desiredSize !== null) controller.close();
      return;
    }
  }
}

/** The same response with another body. A response's own getters know no other `this`. */
function withBody(response: FetchResponse, body: ReadableStream<Uint8Array>): FetchResponse {
  const { status, url, headers } = response;
  return { status, url, headers, body };
}
