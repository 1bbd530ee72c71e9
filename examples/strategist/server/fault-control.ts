// Breaks the link for a while and mends it again, on request of the page.

import type { Fault, FaultProxy } from "@throughline/testkit";

/** The faults that the page offers. */
export type FaultName = "drop" | "reset" | "freeze" | "unavailable" | "slow";

/** One fault, past or present; times in milliseconds since 1970. */
export interface FaultRecord {
  readonly fault: FaultName;
  readonly startedAtMs: number;
  /** When it ends by itself, or when it ended. Equal to the start for faults that strike once. */
  readonly endsAtMs: number;
}

/** What the page is told. */
export interface FaultStatus {
  /** The server's clock, so that a page elsewhere can convert the other times. */
  readonly nowMs: number;
  readonly active: FaultRecord | null;
  /** Faults that are over, oldest first, the newest 20. */
  readonly history: readonly FaultRecord[];
}

/** The switch on the link: the part of the fault proxy that is used. */
export type LinkSwitch = Pick<FaultProxy, "set">;

interface Plan {
  /** Set one after the other. */
  readonly faults: readonly Fault[];
  /** 0 for faults that strike once and are over. */
  readonly durationMs: number;
}

const plans: Readonly<Record<FaultName, Plan>> = {
  drop: { faults: [{ kind: "end-cleanly" }], durationMs: 0 },
  reset: { faults: [{ kind: "reset" }], durationMs: 0 },
  freeze: { faults: [{ kind: "freeze", direction: "both" }], durationMs: 12_000 },
  // A backend that restarts: what was open is cut, what comes anew is refused by the proxy before it.
  unavailable: {
    faults: [{ kind: "reset" }, { kind: "http-error", status: 503 }],
    durationMs: 8000,
  },
  // A third of what the feed needs, so that the stream visibly falls behind.
  slow: { faults: [{ kind: "slow", bytesPerSecond: 220 }], durationMs: 15_000 },
};

const KEPT_RECORDS = 20;

/** One fault at a time on one link. */
export class FaultControl {
  readonly #link: LinkSwitch;
  readonly #onError: (error: unknown) => void;
  #active: FaultRecord | undefined;
  #timer: NodeJS.Timeout | undefined;
  #history: readonly FaultRecord[] = [];

  /** `onError` hears of a link that cannot be switched. */
  constructor(link: LinkSwitch, onError: (error: unknown) => void) {
    this.#link = link;
    this.#onError = onError;
  }

  status(): FaultStatus {
    return { nowMs: Date.now(), active: this.#active ?? null, history: this.#history };
  }

  /** Starts a fault. Returns false, and changes nothing, while another one lasts. */
  start(fault: FaultName): boolean {
    if (this.#active !== undefined) return false;
    const { faults, durationMs } = plans[fault];
    for (const step of faults) this.#set(step);
    const startedAtMs = Date.now();
    const record = { fault, startedAtMs, endsAtMs: startedAtMs + durationMs };
    if (durationMs === 0) {
      this.#remember(record);
    } else {
      this.#active = record;
      this.#timer = setTimeout(() => this.recover(), durationMs).unref();
    }
    return true;
  }

  /** Mends the link now. Does nothing to a link that is whole. */
  recover(): void {
    if (this.#active === undefined) return;
    clearTimeout(this.#timer);
    this.#set({ kind: "pass" });
    this.#remember({ ...this.#active, endsAtMs: Date.now() });
    this.#active = undefined;
  }

  /** The fault is in force when this returns; what is awaited concerns only faults not used here. */
  #set(fault: Fault): void {
    this.#link.set(fault).catch(this.#onError);
  }

  #remember(record: FaultRecord): void {
    this.#history = [...this.#history.slice(1 - KEPT_RECORDS), record];
  }
}

/** Whether text from outside names a fault. */
export function isFaultName(text: unknown): text is FaultName {
  return typeof text === "string" && Object.hasOwn(plans, text);
}
