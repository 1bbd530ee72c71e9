// One stream's claim to a thread of the backend, over all its requests.

import type { ThreadBudget, ThreadSlot, ThreadTicket } from "./thread-budget.js";

/** What a stream has of the budget: nothing, a place in the queue, or a thread. */
type Claim =
  | { readonly kind: "waiting"; readonly granted: Promise<void>; readonly ticket: ThreadTicket }
  | { readonly kind: "taken"; readonly slot: ThreadSlot; isUsed: boolean };

/** Waits for a thread, keeps it while a request is under way, and gives it back. */
export class ThreadLease {
  readonly #budget: ThreadBudget;
  /** How long the backend may take to notice that a response was closed. */
  readonly #releaseMs: number;
  #claim: Claim | undefined;
  /** Who gives the thread up, while nobody reads. */
  #reclaim: (() => void) | undefined;

  constructor(budget: ThreadBudget, releaseMs: number) {
    this.#budget = budget;
    this.#releaseMs = releaseMs;
  }

  /**
   * Resolves when there is a thread for the next request. One that has been asked for is not asked for
   * again. Rejects where too many wait.
   */
  async take(): Promise<void> {
    if (this.#claim?.kind === "waiting") return this.#claim.granted;
    if (this.#claim?.kind === "taken") return;
    let onGranted = () => {};
    const granted = new Promise<void>((resolve) => {
      onGranted = resolve;
    });
    const answer = this.#budget.take((slot) => {
      this.#keep(slot);
      onGranted();
    });
    if (answer.kind === "full") throw new Error("Too many streams wait for a thread.");
    if (answer.kind === "taken") {
      this.#keep(answer.slot);
      return;
    }
    this.#claim = { kind: "waiting", granted, ticket: answer.ticket };
    await granted;
  }

  /** A request leaves. */
  use(): void {
    if (this.#claim?.kind === "taken") this.#claim.isUsed = true;
  }

  /** The exchange is over: by the backend, whose thread is free, or by us, which it has to notice. */
  end(by: "backend" | "us"): void {
    const claim = this.#claim;
    if (claim?.kind !== "taken") return;
    this.#claim = undefined;
    if (by === "backend") claim.slot.release();
    else claim.slot.abandon(this.#releaseMs);
  }

  /** No request will follow. What one under way has is given back by its end. */
  drop(): void {
    const claim = this.#claim;
    if (claim?.kind === "waiting") {
      this.#claim = undefined;
      claim.ticket.cancel();
    } else if (claim?.isUsed === false) {
      this.end("backend");
    }
  }

  /** Nobody reads: `reclaim` is called when others wait. */
  linger(reclaim: () => void): void {
    this.#reclaim = reclaim;
    if (this.#claim?.kind === "taken") this.#claim.slot.linger(reclaim);
  }

  /** Somebody reads again. */
  occupy(): void {
    this.#reclaim = undefined;
    if (this.#claim?.kind === "taken") this.#claim.slot.occupy();
  }

  #keep(slot: ThreadSlot): void {
    this.#claim = { kind: "taken", slot, isUsed: false };
    if (this.#reclaim !== undefined) slot.linger(this.#reclaim);
  }
}
