// What stands between a client and the server at the moment, and may change at any.

/** What a proxy says in place of the server. */
export interface ProxyAnswer {
  readonly status: number;
  /** In whole seconds. */
  readonly retryAfterS?: number | undefined;
  /** Further fields of its head, in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: nothing. It ends in good order. */
  readonly body?: string | undefined;
}

/** What becomes of a request that reaches the end of a path. */
export type Door = "open" | "refuses" | "swallows" | "heads-only" | ProxyAnswer;

/** A proxy that collects bytes before it passes them on. */
export interface Buffering {
  /** As many as this; the end of a response flushes it, too. */
  readonly bytes: number;
  /** Whether it keeps the head back as well, until it has body to send with it. */
  readonly holdsHead: boolean;
}

/** The state of a path. */
export interface Conditions {
  latencyMs: number;
  jitterMs: number;
  /** How fast bytes come down; they go up as they like. */
  bytesPerMs: number;
  /** Whether packets are dropped on the way to the server, and on the way back. */
  isUpFrozen: boolean;
  isDownFrozen: boolean;
  /** A door, or who decides on each request. */
  door: Door | ((target: string) => Door);
  /** How much later heads come. */
  headDelayMs: number;
  /** That a server's process has died is not told to its clients. */
  hidesLoss: boolean;
  buffering: Buffering | undefined;
  /** A proxy goes on reading from the server after the client has left. */
  hidesLeaving: boolean;
  /** The probability that a write is cut in two on the way. */
  splits: number;
}

/** A path that does no harm. */
export function fairConditions(latencyMs: number): Conditions {
  return {
    latencyMs,
    jitterMs: 0,
    bytesPerMs: Number.POSITIVE_INFINITY,
    isUpFrozen: false,
    isDownFrozen: false,
    door: "open",
    headDelayMs: 0,
    hidesLoss: false,
    buffering: undefined,
    hidesLeaving: false,
    splits: 0,
  };
}
