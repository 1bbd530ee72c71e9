// How many of the backend's threads streams may take. A thread per stream is what such backends have,
// and a thread stays taken after its connection was closed: the backend notices at its next write.

import type { HubEnvironment, StopTimer } from "../hub/environment.js";

export interface ThreadBudgetOptions {
  /** Never more than so many threads are taken, ghosts among them. At least 1. */
  readonly maxThreads: number;
  /**
   * Most who wait. Default 1000: they are streams, not readers, and each of them is named in a request
   * that waits as well.
   */
  readonly maxWaiting?: number | undefined;
  readonly environment: Pick<HubEnvironment, "nowMs" | "after">;
}

/** What came of asking for a thread. */
export type ThreadAnswer =
  | { readonly kind: "taken"; readonly slot: ThreadSlot }
  /** None is free: `onGranted` is called when it is this one's turn. */
  | { readonly kind: "waiting"; readonly ticket: ThreadTicket }
  /** As many wait as may. */
  | { readonly kind: "full" };

/** The right to one thread of the backend. To be given back exactly once; giving it back again does nothing. */
export interface ThreadSlot {
  /** The backend ended the response itself: its thread is free. */
  release(): void;
  /**
   * The response was closed on this side. The thread counts as taken until the backend must have
   * noticed: a ghost.
   *
   * @param releaseMs how long that may take
   */
  abandon(releaseMs: number): void;
  /**
   * Nobody reads what the thread brings. When somebody waits for one, `reclaim` is called once, of
   * those that linger longest first; it is expected to abandon the slot, at once or soon. It may be
   * called before this returns.
   */
  linger(reclaim: () => void): void;
  /** Somebody reads again: it is not reclaimed any more. */
  occupy(): void;
}

/** A place in the queue. */
export interface ThreadTicket {
  /** Leaves the queue. Does nothing when it was this one's turn already. */
  cancel(): void;
  /**
   * In how many milliseconds ghosts alone will have made room for this one: the longest that it waits
   * after those before it, unless they are given back at once. `undefined` while nobody knows,
   * because others would have to give up a thread first.
   */
  waitMs(): number | undefined;
}

export interface ThreadStats {
  /** Taken by open responses, those that linger among them. */
  readonly busy: number;
  /** Of those, how many have no readers. */
  readonly lingering: number;
  /** Closed, and not yet noticed by the backend. */
  readonly ghosts: number;
  readonly waiting: number;
}

/** A timer for longer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Waiter {
  readonly onGranted: (slot: ThreadSlot) => void;
}

interface Ghost {
  readonly untilMs: number;
  readonly stop: StopTimer;
}

/**
 * The threads of one backend. Invariants: `busy + ghosts <= maxThreads`, and nobody waits while fewer
 * are taken. Threads are granted in the order in which they were asked for, so nobody is passed over.
 * Callbacks run inside the call, or the timer, that caused them; they may call back, and must not throw.
 */
export class ThreadBudget {
  readonly #maxThreads: number;
  readonly #maxWaiting: number;
  readonly #environment: Pick<HubEnvironment, "nowMs" | "after">;
  readonly #busy = new Set<Slot>();
  /** In the order in which they began to. */
  readonly #lingering = new Set<Slot>();
  readonly #ghosts = new Set<Ghost>();
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiter>();

  constructor({ maxThreads, maxWaiting = 1000, environment }: ThreadBudgetOptions) {
    this.#maxThreads = maxThreads;
    this.#maxWaiting = maxWaiting;
    this.#environment = environment;
  }

  /**
   * Takes a thread, or a place in the queue.
   *
   * @param onGranted called when the turn has come, with a thread that is taken from then on; never
   * before this returns, and never after `cancel`
   */
  take(onGranted: (slot: ThreadSlot) => void): ThreadAnswer {
    if (!this.#isFree()) this.#reclaim(this.#waiting.size + 1);
    if (this.#isFree()) return { kind: "taken", slot: this.#newSlot() };
    if (this.#waiting.size >= this.#maxWaiting) return { kind: "full" };
    const waiter: Waiter = { onGranted };
    this.#waiting.add(waiter);
    return {
      kind: "waiting",
      ticket: {
        cancel: () => {
          this.#waiting.delete(waiter);
        },
        waitMs: () => this.#waitMs(waiter),
      },
    };
  }

  stats(): ThreadStats {
    return {
      busy: this.#busy.size,
      lingering: this.#lingering.size,
      ghosts: this.#ghosts.size,
      waiting: this.#waiting.size,
    };
  }

  /** Forgets who waits, and the ghosts. Slots may still be given back. */
  close(): void {
    this.#waiting.clear();
    for (const ghost of this.#ghosts) ghost.stop();
    this.#ghosts.clear();
  }

  #isFree(): boolean {
    return this.#busy.size + this.#ghosts.size < this.#maxThreads;
  }

  #newSlot(): Slot {
    const slot = new Slot({
      onReturn: (releaseMs) => this.#takeBack(slot, releaseMs),
      onLinger: () => this.#beginLingering(slot),
      onOccupy: () => this.#endLingering(slot),
    });
    this.#busy.add(slot);
    return slot;
  }

  #takeBack(slot: Slot, releaseMs: number): void {
    this.#busy.delete(slot);
    this.#lingering.delete(slot);
    if (releaseMs > 0) this.#addGhost(releaseMs);
    this.#grant();
  }

  #addGhost(releaseMs: number): void {
    const lastsMs = Math.min(releaseMs, LONGEST_TIMER_MS);
    const ghost: Ghost = {
      untilMs: this.#environment.nowMs() + lastsMs,
      stop: this.#environment.after(lastsMs, () => {
        this.#ghosts.delete(ghost);
        this.#grant();
      }),
    };
    this.#ghosts.add(ghost);
  }

  #grant(): void {
    while (this.#isFree()) {
      const [waiter] = this.#waiting;
      if (waiter === undefined) return;
      this.#waiting.delete(waiter);
      waiter.onGranted(this.#newSlot());
    }
  }

  #beginLingering(slot: Slot): void {
    this.#lingering.add(slot);
    this.#reclaim(this.#waiting.size);
  }

  #endLingering(slot: Slot): void {
    this.#lingering.delete(slot);
    // One that was counted on is so no more.
    this.#reclaim(this.#waiting.size);
  }

  /** Sees to it that so many threads will be free in time: ghosts, and what was reclaimed already. */
  #reclaim(wanted: number): void {
    for (const slot of [...this.#lingering]) {
      if (this.#ghosts.size + this.#reclaimed() >= wanted || this.#isFree()) return;
      // What an earlier one did may have changed this one.
      if (this.#lingering.has(slot)) slot.reclaim();
    }
  }

  #reclaimed(): number {
    return [...this.#lingering].filter(({ isReclaimed }) => isReclaimed).length;
  }

  #waitMs(waiter: Waiter): number | undefined {
    const place = [...this.#waiting].indexOf(waiter);
    if (place === -1) return 0;
    const ends = [...this.#ghosts].map(({ untilMs }) => untilMs).sort((a, b) => a - b);
    const endMs = ends[place];
    return endMs === undefined ? undefined : Math.max(0, endMs - this.#environment.nowMs());
  }
}

interface SlotOwner {
  readonly onReturn: (releaseMs: number) => void;
  readonly onLinger: () => void;
  readonly onOccupy: () => void;
}

class Slot implements ThreadSlot {
  readonly #owner: SlotOwner;
  #reclaim: (() => void) | undefined;
  #isReturned = false;
  /** Its holder has been asked to abandon it. */
  isReclaimed = false;

  constructor(owner: SlotOwner) {
    this.#owner = owner;
  }

  release(): void {
    this.abandon(0);
  }

  abandon(releaseMs: number): void {
    if (this.#isReturned) return;
    this.#isReturned = true;
    this.#reclaim = undefined;
    this.#owner.onReturn(releaseMs);
  }

  linger(reclaim: () => void): void {
    if (this.#isReturned || this.#reclaim !== undefined) return;
    this.#reclaim = reclaim;
    this.#owner.onLinger();
  }

  occupy(): void {
    if (this.#isReturned || this.#reclaim === undefined) return;
    this.#reclaim = undefined;
    this.isReclaimed = false;
    this.#owner.onOccupy();
  }

  reclaim(): void {
    if (this.isReclaimed) return;
    this.isReclaimed = true;
    this.#reclaim?.();
  }
}
