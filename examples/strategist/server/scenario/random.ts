// Seeded randomness, so that the same seed always tells the same campaign.

/** A deterministic source of numbers. Not for anything that must be unpredictable. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number between `low` and `high`, both inclusive. */
  between(low: number, high: number): number;
  /** True with the given probability (0 to 1). */
  chance(probability: number): boolean;
  /** One item, all equally likely. Throws a `RangeError` on an empty list. */
  pick<T>(items: readonly T[]): T;
}

/** Builds a source from a seed; any number is accepted, equal seeds give equal sequences. */
export function createRandom(seed: number): Random {
  // Xorshift needs a state that is not zero; the constant also spreads small neighbouring seeds.
  let state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x51ab1e5d || 1;

  function next(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  }

  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError("pick needs at least one item");
      return item;
    },
  };
}

/**
 * Draws items in an irregular order in which none comes back before about half of the others have
 * been drawn: what was just heard is not heard again soon.
 */
export function createPack<T>(items: readonly T[], random: Random): () => T {
  if (items.length === 0) throw new RangeError("a pack needs at least one item");
  const unordered = [...items];
  const queue: T[] = [];
  while (unordered.length > 0) {
    queue.push(...unordered.splice(random.between(0, unordered.length - 1), 1));
  }
  const last = Math.floor((queue.length - 1) / 2);
  return () => {
    const [drawn] = queue.splice(random.between(0, last), 1);
    queue.push(drawn as T);
    return drawn as T;
  };
}
