// What stands between a client and the server at the moment, and may change at any.

/** What a proxy says in place of the server. */
export interface ProxyAnswer {
  readonly status: number;
  /** In whole seconds. */
  readonly retryAfterS?: number | undefined;
}

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
  /** What becomes of a request that reaches the end of the path. */
  door: "open" | "refuses" | "swallows" | "heads-only" | ProxyAnswer;
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
    buffering: undefined,
    hidesLeaving: false,
    splits: 0,
  };
}
