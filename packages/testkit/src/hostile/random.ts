// Chance that can be repeated: everything hostile is made from one seed.

/** Random choices, the same for the same seed. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A number from 0 to 1, without 1 (mulberry32). */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.whole(0, items.length - 1)] ?? items[0];
  }

  /** Any bytes, as a latin-1 text. */
  bytes(length: number): string {
    return Array.from({ length }, () => String.fromCharCode(this.whole(0, 255))).join("");
  }

  /** A text of the characters of an alphabet. */
  text(length: number, alphabet: string): string {
    return Array.from({ length }, () => alphabet[this.whole(0, alphabet.length - 1)]).join("");
  }

  /** A text with some of its characters replaced, doubled or left out. */
  mutate(text: string): string {
    let mutated = text;
    for (let count = this.whole(1, 4); count > 0; count -= 1) {
      const at = this.whole(0, mutated.length);
      const end = at + this.whole(0, 3);
      mutated = mutated.slice(0, at) + this.bytes(this.whole(0, 3)) + mutated.slice(end);
    }
    return mutated;
  }
}
