// Who was allowed a short while ago, for the time in which the backend cannot be asked.

export interface LastAllowedOptions {
  /** Milliseconds for which it counts; 0: nobody is remembered. */
  readonly graceMs: number;
  /** Of more identities the one that was noted longest ago is forgotten. */
  readonly maxRemembered: number;
}

/**
 * Remembers by when a check began, for that is what it said something about: of two that cross each
 * other, the one that began later counts. So a "no" is remembered too, against a "yes" from before it;
 * in a place of its own, where no crowd of strangers can push out those who were allowed.
 */
export class LastAllowed {
  readonly #options: LastAllowedOptions;
  /** When the newest check began that said yes, and no. What was noted last stands last. */
  readonly #allowed = new Map<string, number>();
  readonly #denied = new Map<string, number>();

  constructor(options: LastAllowedOptions) {
    this.#options = options;
  }

  note(key: string, atMs: number): void {
    if (isLater(this.#denied.get(key), atMs) || isLater(this.#allowed.get(key), atMs)) return;
    this.#denied.delete(key);
    this.#put(this.#allowed, key, atMs);
  }

  forget(key: string, atMs: number): void {
    if (isLater(this.#allowed.get(key), atMs) || isLater(this.#denied.get(key), atMs)) return;
    this.#allowed.delete(key);
    this.#put(this.#denied, key, atMs);
  }

  holds(key: string, nowMs: number): boolean {
    const atMs = this.#allowed.get(key);
    return atMs !== undefined && nowMs - atMs <= this.#options.graceMs;
  }

  #put(into: Map<string, number>, key: string, atMs: number): void {
    const { graceMs, maxRemembered } = this.#options;
    if (graceMs <= 0) return;
    into.delete(key);
    into.set(key, atMs);
    const [oldest] = into.keys();
    if (into.size > maxRemembered && oldest !== undefined) into.delete(oldest);
  }
}

function isLater(knownMs: number | undefined, atMs: number): boolean {
  return knownMs !== undefined && knownMs > atMs;
}
