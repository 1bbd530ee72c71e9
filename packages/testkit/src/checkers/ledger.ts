// What publishers did and were told: which events exist, and in which order.

import { StreamError } from "throughline/core";
import type { Conflict, EventKey } from "./delivery-report.js";

/** An event that was acknowledged. */
export interface LedgerEntry {
  readonly key: EventKey;
  readonly position: number;
  /** How many events had been heard of before this one was first attempted or acknowledged. */
  readonly knownBefore: number;
}

/** The truth that readers are measured against. */
export class Ledger {
  /** For every event heard of, how many had been heard of before. */
  readonly #known = new Map<EventKey, number>();
  readonly #entries = new Map<EventKey, LedgerEntry>();
  readonly #keyAt = new Map<number, EventKey>();
  #hasPositions: boolean | undefined;
  #ordered: readonly LedgerEntry[] | undefined;

  /** How many events have been heard of. */
  get knownCount(): number {
    return this.#known.size;
  }

  attempt(key: EventKey): void {
    if (!this.#known.has(key)) this.#known.set(key, this.#known.size);
  }

  /** Returns the contradiction to an earlier acknowledgement, if there is one; that one stands. */
  acknowledge(key: EventKey, given: number | undefined): Conflict | undefined {
    this.#assertUniform(given);
    this.attempt(key);
    const earlier = this.#entries.get(key);
    const position = given ?? earlier?.position ?? this.#entries.size + 1;
    if (earlier !== undefined) {
      return earlier.position === position ? undefined : { key, position, kind: "moved" };
    }
    if (this.#keyAt.has(position)) return { key, position, kind: "reused" };
    this.#keyAt.set(position, key);
    this.#entries.set(key, { key, position, knownBefore: this.#known.get(key) ?? 0 });
    this.#ordered = undefined;
    return undefined;
  }

  /** Whether a publisher ever sent the event, acknowledged or not. */
  isKnown(key: EventKey): boolean {
    return this.#known.has(key);
  }

  /** The acknowledged event; `undefined` when there is none. */
  find(key: EventKey): LedgerEntry | undefined {
    return this.#entries.get(key);
  }

  /** All acknowledged events by position. */
  ordered(): readonly LedgerEntry[] {
    this.#ordered ??= [...this.#entries.values()].sort((a, b) => a.position - b.position);
    return this.#ordered;
  }

  #assertUniform(given: number | undefined): void {
    if (given !== undefined && !Number.isFinite(given)) {
      throw misuse("invalid-option", `Expected a finite position, got ${given}.`);
    }
    this.#hasPositions ??= given !== undefined;
    if (this.#hasPositions === (given !== undefined)) return;
    throw misuse("invalid-state", "Give every published event a position, or give none to any.");
  }
}

function misuse(code: "invalid-option" | "invalid-state", message: string): StreamError {
  return new StreamError(message, { code, fault: "local" });
}
