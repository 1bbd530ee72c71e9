// The bodies of requests: how long one may take to come, and how much of all of them may be in memory.

import type { HubEnvironment } from "../environment.js";
import type { BodyResult, HubRequest, PlainAnswer } from "../exchange.js";
import type { LimitSettings } from "./limit-options.js";
import type { Refusals } from "./refusals.js";

/** Looks on while a body is read. */
export interface BodyWatch {
  /** So many bytes have come. `false`: it is enough, the rest is not wanted. */
  onBytes(byteLength: number): boolean;
  /** Aborted when the rest is not wanted although nothing comes. */
  readonly signal: AbortSignal;
}

/** What became of a body, or the answer to a request whose body cannot be waited for. */
export type BodyOutcome = BodyResult | { readonly kind: "refused"; readonly answer: PlainAnswer };

/** Reads bodies within the limits of a hub. */
export class Bodies {
  readonly #limits: LimitSettings;
  readonly #environment: HubEnvironment;
  readonly #refusals: Refusals;
  #pendingBytes = 0;

  constructor(limits: LimitSettings, environment: HubEnvironment, refusals: Refusals) {
    this.#limits = limits;
    this.#environment = environment;
    this.#refusals = refusals;
  }

  /** Bytes of bodies that are in memory. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Reads the body of a request. Its bytes count until {@link release}. */
  read(request: HubRequest, maxBytes: number): Promise<BodyOutcome> {
    return new Promise((resolve, reject) => {
      const watch = new Watch((byteLength) => this.#hold(request, byteLength));
      const stop = this.#environment.after(this.#limits.bodyTimeoutMs, () => {
        watch.refuse(this.#refusals.bodyTooSlow());
        watch.abort();
        resolve(watch.outcome(ABORTED));
      });
      request.readBody(maxBytes, watch).then(
        (body) => {
          stop();
          resolve(watch.outcome(body));
        },
        (error) => {
          stop();
          reject(error);
        },
      );
    });
  }

  /** A request has been dealt with, and its body is garbage. */
  release(request: HubRequest): void {
    this.#pendingBytes -= request.heldBytes ?? 0;
    request.heldBytes = 0;
  }

  /** Counts bytes as held, and refuses where that is too much. */
  #hold(request: HubRequest, byteLength: number): PlainAnswer | undefined {
    request.heldBytes = (request.heldBytes ?? 0) + byteLength;
    this.#pendingBytes += byteLength;
    const isTooMuch = this.#pendingBytes > this.#limits.maxPendingBodyBytes;
    return isTooMuch ? this.#refusals.noRoomForBody() : undefined;
  }
}

const ABORTED: BodyResult = { kind: "aborted" };

/**
 * Looks on while one body is read. A class, because V8 makes a shape for each object whose literal has a
 * getter, and that keeps all that the getter sees until the next full collection.
 */
class Watch implements BodyWatch {
  readonly #hold: (byteLength: number) => PlainAnswer | undefined;
  #refusal: PlainAnswer | undefined;
  #abort: AbortController | undefined;

  constructor(hold: (byteLength: number) => PlainAnswer | undefined) {
    this.#hold = hold;
  }

  /** Only adapters that cannot be told otherwise ask for it; it costs more than the rest here. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  onBytes(byteLength: number): boolean {
    if (this.#refusal === undefined) this.#refusal = this.#hold(byteLength);
    return this.#refusal === undefined;
  }

  refuse(answer: PlainAnswer): void {
    this.#refusal ??= answer;
  }

  abort(): void {
    this.#abort?.abort();
  }

  /** What became of the body, or why it was not waited for. */
  outcome(body: BodyResult): BodyOutcome {
    return this.#refusal === undefined ? body : { kind: "refused", answer: this.#refusal };
  }
}
