// What a delivery checker finds, in words and numbers that do not depend on the code under test.

/** What tells one event from another: an id of the application, a cursor, an offset. */
export type EventKey = string | number;

/** An announcement that events are missing, as the reader was given it. */
export interface GapNotice {
  /**
   * Position of the first missing event; `null` where the notice does not say: what follows the last
   * event that the reader has received.
   */
  readonly from: number | null;
  /**
   * Position of the last missing event, inclusive; `null` where the notice does not say: what precedes
   * the next event that the reader receives, of those that were on their way when the notice came.
   */
  readonly to: number | null;
}

/** One event that one reader was not given as it should. */
export interface Finding {
  readonly reader: string;
  readonly key: EventKey;
}

/** An event that a reader received more than once. */
export interface Repetition extends Finding {
  /** How often it came in all. */
  readonly times: number;
}

/** An event that came, for the first time, behind a later one. */
export interface Disorder extends Finding {
  /** The latest event that the reader had already received. */
  readonly after: EventKey;
}

/** An event that never came. */
export interface Loss extends Finding {
  /** Whether a gap notice named it, but came behind a later event: too late to stop and look. */
  readonly isAnnouncedLate: boolean;
}

/** An event that never came, as a gap notice had said in time. */
export interface Coverage extends Finding {
  readonly gap: GapNotice;
}

/** A gap notice that is not true. */
export interface FalseGap {
  readonly reader: string;
  readonly gap: GapNotice;
  /** Events that the notice calls missing and that the reader received. */
  readonly received: readonly EventKey[];
}

/** Two acknowledgements that cannot both hold. */
export interface Conflict {
  /** The event of the later acknowledgement. */
  readonly key: EventKey;
  readonly position: number;
  /** `moved`: the event has another position already; `reused`: the position has another event. */
  readonly kind: "moved" | "reused";
}

/** Everything that the checker has found up to now. Findings are listed by reader, then in order. */
export interface DeliveryReport {
  /**
   * Whether every reader was given every event exactly once and in order, or was told in time, and
   * truly, that it was not. Covered losses do not count against it; everything else does.
   */
  readonly isFaithful: boolean;
  /** Events that were acknowledged. */
  readonly publishedCount: number;
  /** Events received by all readers together, repetitions included. */
  readonly receivedCount: number;
  /** Acknowledged, never received, and not covered by a true gap that came in time. */
  readonly lost: readonly Loss[];
  readonly repeated: readonly Repetition[];
  readonly reordered: readonly Disorder[];
  /** Received, but neither acknowledged nor attempted by a publisher: invented. */
  readonly unknown: readonly Finding[];
  /** Received, although the reader's filter hides it or its stream begins behind it. */
  readonly unwanted: readonly Finding[];
  /** Missing, and announced: the one loss that is allowed. */
  readonly covered: readonly Coverage[];
  /** Gaps that name events which came, or in which no event is missing. */
  readonly falseGaps: readonly FalseGap[];
  readonly conflicts: readonly Conflict[];
}
