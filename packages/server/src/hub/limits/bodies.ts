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
  /** What each request holds, until it is released. */
  readonly #heldBytes = new Map<HubRequest, number>();
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
  async read(request: HubRequest, maxBytes: number): Promise<BodyOutcome> {
    // Only adapters that cannot be told otherwise ask for the signal, which costs more than the rest here.
    let abort: AbortController | undefined;
    let refusal: PlainAnswer | undefined;
    const watch: BodyWatch = {
      get signal() {
        abort ??= new AbortController();
        return abort.signal;
      },
      onBytes: (byteLength) => {
        if (refusal !== undefined) return false;
        this.#hold(request, byteLength);
        if (this.#pendingBytes > this.#limits.maxPendingBodyBytes) {
          refusal = this.#refusals.noRoomForBody();
        }
        return refusal === undefined;
      },
    };
    const body = await this.#inTime(request.readBody(maxBytes, watch), () => {
      refusal ??= this.#refusals.bodyTooSlow();
      abort?.abort();
    });
    return refusal === undefined ? body : { kind: "refused", answer: refusal };
  }

  /** A request has been dealt with, and its body is garbage. */
  release(request: HubRequest): void {
    this.#pendingBytes -= this.#heldBytes.get(request) ?? 0;
    this.#heldBytes.delete(request);
  }

  #hold(request: HubRequest, byteLength: number): void {
    this.#heldBytes.set(request, (this.#heldBytes.get(request) ?? 0) + byteLength);
    this.#pendingBytes += byteLength;
  }

  /** What is being read, or, when the time for it is over, nothing. */
  #inTime(reading: Promise<BodyResult>, onTooSlow: () => void): Promise<BodyResult> {
    return new Promise((resolve, reject) => {
      const stop = this.#environment.after(this.#limits.bodyTimeoutMs, () => {
        onTooSlow();
        resolve({ kind: "aborted" });
      });
      reading.then(resolve, reject).finally(stop);
    });
  }
}
