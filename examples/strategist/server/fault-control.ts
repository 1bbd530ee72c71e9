// Breaks something for a while and mends it again, on request of the page.

/** What a fault does. */
export interface FaultPlan {
  /**
   * How long it lasts; 0 for faults that strike once and are over. Without `end`, what is expected.
   * Milliseconds.
   */
  readonly durationMs: number;
  /** The fault is in force when this returns; the promise tells of failures. */
  begin(): Promise<unknown>;
  /** Mends what was broken. Without it the fault is over when `begin` has resolved, and not sooner. */
  readonly end?: (() => Promise<unknown>) | undefined;
}

/** The faults on offer, by name. */
export type FaultPlans = Readonly<Record<string, FaultPlan>>;

/** One fault, past or present; times in milliseconds since 1970. */
export interface FaultRecord {
  readonly fault: string;
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

const KEPT_RECORDS = 20;

interface Active {
  readonly plan: FaultPlan;
  readonly record: FaultRecord;
}

/** One fault at a time. */
export class FaultControl {
  readonly #plans: FaultPlans;
  readonly #onError: (error: unknown) => void;
  #active: Active | undefined;
  #timer: NodeJS.Timeout | undefined;
  #history: readonly FaultRecord[] = [];

  /** `onError` hears of what could not be broken, or not be mended. */
  constructor(plans: FaultPlans, onError: (error: unknown) => void) {
    this.#plans = plans;
    this.#onError = onError;
  }

  status(): FaultStatus {
    return { nowMs: Date.now(), active: this.#active?.record ?? null, history: this.#history };
  }

  /** Whether text from outside names a fault. */
  offers(fault: unknown): fault is string {
    return typeof fault === "string" && Object.hasOwn(this.#plans, fault);
  }

  /** Starts a fault. Returns false, and changes nothing, while another one lasts. */
  start(fault: string): boolean {
    const plan = this.#plans[fault];
    if (plan === undefined || this.#active !== undefined) return false;
    const begun = plan.begin().catch(this.#onError);
    const startedAtMs = Date.now();
    const record = { fault, startedAtMs, endsAtMs: startedAtMs + plan.durationMs };
    if (plan.durationMs === 0) {
      this.#remember(record);
      return true;
    }
    this.#active = { plan, record };
    if (plan.end === undefined) void begun.then(() => this.#finish());
    else this.#timer = setTimeout(() => this.recover(), plan.durationMs).unref();
    return true;
  }

  /** Mends it now. Does nothing where all is whole, or where the fault mends itself. */
  recover(): void {
    const end = this.#active?.plan.end;
    if (end === undefined) return;
    clearTimeout(this.#timer);
    end().catch(this.#onError);
    this.#finish();
  }

  #finish(): void {
    if (this.#active === undefined) return;
    this.#remember({ ...this.#active.record, endsAtMs: Date.now() });
    this.#active = undefined;
  }

  #remember(record: FaultRecord): void {
    this.#history = [...this.#history.slice(1 - KEPT_RECORDS), record];
  }
}
