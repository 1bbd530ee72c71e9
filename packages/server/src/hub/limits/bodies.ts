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
    const abort = new AbortController();
    let refusal: PlainAnswer | undefined;
    const watch: BodyWatch = {
      signal: abort.signal,
      onBytes: (byteLength) => {
        if (refusal !== undefined) return false;
        this.#hold(request, byteLength);
        if (this.#pendingBytes > this.#limits.maxPendingBodyBytes) {
          refusal = this.#refusals.noRoomForBody();
        }
        return refusal === undefined;
      },
    };
    const { promise: tooSlow, stop } = this.#deadline();
    void tooSlow.then(() => {
      refusal ??= this.#refusals.bodyTooSlow();
      abort.abort();
    });
    const body = await Promise.race([request.readBody(maxBytes, watch), tooSlow]);
    stop();
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

  #deadline(): { promise: Promise<BodyResult>; stop(): void } {
    let stop = () => {};
    const promise = new Promise<BodyResult>((resolve) => {
      const expire = () => resolve({ kind: "aborted" });
      stop = this.#environment.after(this.#limits.bodyTimeoutMs, expire);
    });
    return { promise, stop: () => stop() };
  }
}
