// What a gateway has done with what its backend sent, since the start.

/** Counters that all streams of a gateway share. */
export interface GatewayCounts {
  /** Requests for streams that left for the backend. */
  requests: number;
  /** Events that were stored. */
  stored: number;
  /** Items that had come before, and were dropped. */
  known: number;
  /** Events that were said to whoever read at that moment, and not stored. */
  said: number;
  /** Times that something may have been missed. */
  gaps: number;
}

/** Counters of a gateway that has just begun. */
export function newCounts(): GatewayCounts {
  return { requests: 0, stored: 0, known: 0, said: 0, gaps: 0 };
}
