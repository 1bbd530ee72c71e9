// Chance of one run: everything random in it comes from its seed.

import { uniform } from "../uniform.js";

/** Random choices, the same for the same seed. */
export class Chance {
  /** A number from 0 up to, but not including, 1. */
  readonly fraction: () => number;

  constructor(seed: number) {
    this.fraction = uniform(seed);
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** Whether something with this probability happens. */
  isHit(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.whole(0, items.length - 1)] ?? items[0];
  }

  /** Chance of its own for a part, so that what one part draws leaves the others as they are. */
  fork(): Chance {
    return new Chance(Math.floor(this.fraction() * 2 ** 32));
  }
}
