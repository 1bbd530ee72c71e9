// What the workers have let in, so that each of them knows what all others have: limits hold for the
// server, whichever of its processes a reader has come to.

import type { LimitUse } from "../../hub/index.js";

/** Keeps who holds what. Rates are passed on and not kept: they fade by themselves. */
export class LimitLedger {
  /** Places that each worker holds, by what they count as; none of them 0. */
  readonly #held = new Map<number, Map<string, number>>();

  /** Takes note of what a worker has let in or out; it is for all others to know. */
  note(worker: number, uses: readonly LimitUse[]): void {
    const held = this.#held.get(worker) ?? new Map<string, number>();
    this.#held.set(worker, held);
    for (const { what, key, count } of uses) {
      if (what !== "places") continue;
      const sum = (held.get(key) ?? 0) + count;
      if (sum === 0) held.delete(key);
      else held.set(key, sum);
    }
  }

  /** What a worker that begins has to be told: what others hold. */
  heldByOthers(worker: number): readonly LimitUse[] {
    return [...this.#held]
      .filter(([other]) => other !== worker)
      .flatMap(([, held]) => toUses(held, 1));
  }

  /** A worker is no more: all that it held, to be taken back by the others. */
  forget(worker: number): readonly LimitUse[] {
    const held = this.#held.get(worker) ?? new Map<string, number>();
    this.#held.delete(worker);
    return toUses(held, -1);
  }
}

function toUses(held: ReadonlyMap<string, number>, sign: 1 | -1): LimitUse[] {
  return [...held].map(([key, count]) => ({ what: "places", key, count: sign * count }));
}
