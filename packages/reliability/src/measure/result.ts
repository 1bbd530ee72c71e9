// What one recovery of one reader showed.

/** One recovery; times in milliseconds, `null` where it never happened. */
export interface RunResult {
  /** Which fault, client and path. */
  readonly fault: string;
  readonly client: string;
  readonly path: string;
  /** From the fault (from the last byte, where it is silent) to the state that says so. */
  readonly detectMs: number | null;
  /** From the same moment to the first request that leaves. */
  readonly beginMs: number | null;
  /** From the moment when the path is usable until an event published after it was delivered. */
  readonly healMs: number | null;
  readonly lost: number;
  readonly repeated: number;
  readonly reordered: number;
  /** Requests from the fault on. */
  readonly requests: number;
  readonly published: number;
  /** The promises that were broken, as sentences; empty also for clients that nothing is promised for. */
  readonly broken: readonly string[];
}

/** A run that could not be played to its end, twice. */
export interface RunFailure {
  readonly fault: string;
  readonly client: string;
  readonly path: string;
  readonly message: string;
}

/** Where results go as they come. */
export interface ResultSink {
  result(result: RunResult): void;
  failure(failure: RunFailure): void;
  /** A run was thrown away because the machine stood still in it, and is played again. */
  spoiled(): void;
}
