// Remembers when the measuring program or the page of a reader stood still, because the machine had something else to
// do: what is measured in that time is the machine.

import { SPOILING_MS, watchLateness } from "../clients/page/stalls.js";

/** So many stalls are remembered: those of the runs that are under way. */
const MOST_KEPT = 4000;

interface Stall {
  readonly endedMs: number;
  /** Whose page it was; `undefined` for the measuring program itself, which sees everybody. */
  readonly client: string | undefined;
}

/** Knows what stood still, and when. */
export class StallWitness {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stalls: Stall[] = [];
  #longestMs = 0;

  constructor() {
    this.#timer = watchLateness((lateMs) => {
      this.#longestMs = Math.max(this.#longestMs, lateMs);
      if (lateMs >= SPOILING_MS) this.#add(undefined);
    });
    this.#timer.unref();
  }

  /** The longest stall of the measuring program, in milliseconds. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** A page with a reader of that client has just stood still. */
  pageStalled(client: string): void {
    this.#add(client);
  }

  /**
   * Whether what that client, or any where none is named, showed since a moment (of `performance.now()`) is worth
   * nothing.
   */
  hasSpoiledSince(momentMs: number, client?: string): boolean {
    return this.#stalls.some(
      (stall) =>
        stall.endedMs >= momentMs &&
        (client === undefined || stall.client === undefined || stall.client === client),
    );
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #add(client: string | undefined): void {
    this.#stalls.push({ endedMs: performance.now(), client });
    if (this.#stalls.length > MOST_KEPT) this.#stalls.shift();
  }
}
