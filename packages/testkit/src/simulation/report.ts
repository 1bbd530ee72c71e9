// What comes of a run: what was broken, what was reached, and, where it is wanted, what happened when.

/** A promise that was broken. */
export type BreachKind =
  | "lost"
  | "repeated"
  | "reordered"
  | "invented"
  | "unwanted"
  | "false-gap"
  | "late-begin"
  | "not-healed"
  | "gave-up"
  | "too-many-requests"
  | "too-early"
  | "needless-request"
  | "too-much-memory"
  | "not-quiet"
  | "not-published"
  | "not-stored"
  | "out-of-order"
  | "bug";

/** One breach. */
export interface Breach {
  readonly kind: BreachKind;
  readonly atMs: number;
  readonly detail: string;
}

/** One line of what happened. */
export interface TimelineEntry {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
}

/** The outcome of one run. */
export interface RunReport {
  readonly seed: number;
  readonly breaches: readonly Breach[];
  /** How often each thing was reached that a run might have wanted to reach. */
  readonly reached: ReadonlyMap<string, number>;
  /** Empty unless it was asked for. */
  readonly timeline: readonly TimelineEntry[];
  /** How long it lasted in virtual time. */
  readonly virtualMs: number;
}

/** Takes notes during a run. */
export class Notebook {
  readonly breaches: Breach[] = [];
  readonly reached = new Map<string, number>();
  readonly timeline: TimelineEntry[] = [];
  readonly #nowMs: () => number;
  readonly #keepsTimeline: boolean;

  constructor(nowMs: () => number, keepsTimeline: boolean) {
    this.#nowMs = nowMs;
    this.#keepsTimeline = keepsTimeline;
  }

  /** @param what made only where it is kept */
  tell(who: string, what: () => string): void {
    if (this.#keepsTimeline) this.timeline.push({ atMs: this.#nowMs(), who, what: what() });
  }

  reach(what: string): void {
    this.reached.set(what, (this.reached.get(what) ?? 0) + 1);
  }

  breach(kind: BreachKind, detail: string): void {
    this.tell("!!!", () => `${kind}: ${detail}`);
    this.breaches.push({ kind, atMs: this.#nowMs(), detail });
  }
}

/** A timeline as text, a line for each entry. */
export function renderTimeline(timeline: readonly TimelineEntry[]): string {
  return timeline
    .map(({ atMs, who, what }) => `${atMs.toFixed(1).padStart(9)} ms  ${who.padEnd(12)}  ${what}\n`)
    .join("");
}
