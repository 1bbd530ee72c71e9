// Keeps whoever knocks at a closed door all day from filling the disk with lines about it.

/** Lines of one kind within one window; those beyond it are counted. */
const MOST_LINES = 10;

/** A burst shows who and why within seconds; a day of it is at most some 20 MB for each kind. */
const WINDOW_MS = 10_000;

interface Window {
  startedMs: number;
  lines: number;
  suppressed: number;
}

/** Says which lines may be written. Holds one window for each key; keys must be a closed list. */
export class LineLimit {
  readonly #windows = new Map<string, Window>();
  readonly #nowMs: () => number;

  /** @param nowMs milliseconds on a clock that never goes back */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * Asks for one line.
   *
   * @returns how many were left out before it, or `undefined` where this one is to be left out
   */
  take(key: string): number | undefined {
    const nowMs = this.#nowMs();
    const window = this.#windows.get(key);
    if (window !== undefined && nowMs - window.startedMs < WINDOW_MS) {
      window.lines += 1;
      if (window.lines <= MOST_LINES) return 0;
      window.suppressed += 1;
      return undefined;
    }
    this.#windows.set(key, { startedMs: nowMs, lines: 1, suppressed: 0 });
    return window?.suppressed ?? 0;
  }
}
