// The book of what was published, kept where no fault can reach it: the page counts against it.

/** One published item. */
export interface LedgerEntry {
  /** Its place in the order of publication, from 1, without holes. */
  readonly seq: number;
  readonly id: string;
  /** When it was published, milliseconds since 1970. */
  readonly atMs: number;
  /** Where it stands in the hub's stream; empty where its place is not known. */
  readonly cursor: string;
}

/** A page of the ledger. */
export interface LedgerPage {
  /** Entries at or after the time asked for, oldest first. */
  readonly entries: readonly LedgerEntry[];
  /** False where older entries of that time have been dropped already. */
  readonly isComplete: boolean;
}

/** Keeps the newest entries, by default 10,000: about two hours of the sample feed. */
export class Ledger {
  readonly #keep: number;
  #entries: LedgerEntry[] = [];
  #nextSeq = 1;

  constructor(keep = 10_000) {
    this.#keep = keep;
  }

  /** Adds an item that every subscriber can have from now on. */
  add(item: Omit<LedgerEntry, "seq">): void {
    this.#entries.push({ seq: this.#nextSeq, ...item });
    this.#nextSeq += 1;
    // Dropping a tenth at a time keeps the cost of an addition constant on average.
    if (this.#entries.length > this.#keep * 1.1) this.#entries = this.#entries.slice(-this.#keep);
  }

  /** What was published at `sinceMs` or later. */
  since(sinceMs: number): LedgerPage {
    const first = this.#entries.findIndex((entry) => entry.atMs >= sinceMs);
    const oldest = this.#entries[0];
    return {
      entries: first === -1 ? [] : this.#entries.slice(first),
      isComplete: oldest === undefined || oldest.seq === 1 || oldest.atMs < sinceMs,
    };
  }

  /** The cursor after which the newest `count` items follow; `earliest` where there are fewer. */
  cursorBefore(count: number): string {
    return this.#entries.at(-count - 1)?.cursor ?? "earliest";
  }
}
