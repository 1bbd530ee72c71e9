// Which items have come, by their keys: the newest so many, so that a backend that repeats itself for ever
// costs a bounded amount of memory.

/** Keys that are remembered. Backends repeat their newest tens; this is a day of a busy feed. */
const MOST_KEYS = 10_000;

/** Remembers keys in the order in which they came, or came again. */
export class KeyWindow {
  readonly #keys = new Set<string>();
  readonly #most: number;

  constructor(most = MOST_KEYS) {
    this.#most = most;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Oldest first. */
  keys(): Iterable<string> {
    return this.#keys.keys();
  }

  delete(key: string): void {
    this.#keys.delete(key);
  }

  /** Notes that it has come. A key that comes again and again is not forgotten for its age. */
  add(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= this.#most) return;
    const [oldest] = this.#keys;
    if (oldest !== undefined) this.#keys.delete(oldest);
  }
}
