// What readers are told of the backend behind their stream, and when: what lasts, and not each of its moments.

import type { Source } from "throughline/core";

/** A state of the backend that lasts less is not told: most interruptions, and answers that end as they begin. */
const LASTS_MS = 1000;

/** What readers believe of a backend, kept in step with what is known of it. */
export class ToldSource {
  readonly #tell: (source: Source) => void;
  #known: Source;
  /** When the backend was last found again. */
  #liveSinceMs = Number.NEGATIVE_INFINITY;
  #told: Source = { state: "live", reason: "opening" };
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param tell says it to whoever reads; who comes later asks for `told` */
  constructor(known: Source, tell: (source: Source) => void) {
    this.#known = known;
    this.#tell = tell;
    this.#plan(LASTS_MS);
  }

  /** What is known now. */
  get known(): Source {
    return this.#known;
  }

  /** What readers were told last; that it is live, before anything was told. */
  get told(): Source {
    return this.#told;
  }

  /** Something else is known. It is told when it has lasted. */
  know(source: Source): void {
    if (source.state === "live" && this.#known.state === "stale") {
      this.#liveSinceMs = performance.now();
    }
    this.#known = source;
    if (source.state !== this.#told.state) this.#plan(LASTS_MS);
  }

  /** The backend has told something new, or all there is: there is no doubt about it any more. */
  trust(): void {
    if (this.#isClosed || this.#known.state !== "live") return;
    this.#liveSinceMs = Number.NEGATIVE_INFINITY;
    this.#settle();
  }

  /** Nothing is told any more, whatever becomes known. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #plan(inMs: number): void {
    if (!this.#isClosed) this.#timer ??= setTimeout(() => this.#settle(), inMs);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#known.state === "live") {
      const doubtedForMs = this.#liveSinceMs + LASTS_MS - performance.now();
      // A timer may be early by less than this.
      if (doubtedForMs > 1) {
        this.#plan(doubtedForMs);
        return;
      }
    }
    if (this.#known.state === this.#told.state) return;
    this.#told = this.#known;
    this.#tell(this.#known);
  }
}
