// The words of the state light.

import type { ConnectionReason } from "../client/index.js";

/** What a state light says. */
export interface StatusWords {
  readonly idle: string;
  readonly connecting: string;
  readonly live: string;
  /** Live, in short responses. */
  readonly degraded: string;
  readonly stale: string;
  /** Connected, but the server says that what fills the stream is away. */
  readonly "source-stale": string;
  readonly reconnecting: string;
  /** Seen, but not spoken, while the next attempt is more than a second away. */
  readonly reconnectingIn: (seconds: number) => string;
  readonly paused: string;
  /** The application closed the stream. */
  readonly closed: string;
  /** The server says that nothing more will come. */
  readonly complete: string;
  readonly failed: (reason: ConnectionReason) => string;
}

/** For each reason that can end in `failed`. */
const FAILURES: Readonly<Partial<Record<ConnectionReason, string>>> = {
  refused: "the server refuses",
  unauthorized: "please sign in again",
  "not-a-stream": "the answer is no stream",
  "retry-limit": "too many attempts",
  "event-too-large": "event too large",
  unsupported: "unusable address",
  native: "the browser gave up",
};

/** The words in English. */
export const ENGLISH: StatusWords = {
  idle: "Not connected",
  connecting: "Connecting…",
  live: "Live",
  degraded: "Live (degraded)",
  stale: "Connection unsteady",
  "source-stale": "Connected, source silent",
  reconnecting: "Reconnecting…",
  reconnectingIn: (seconds) => `Reconnecting in ${seconds} s`,
  paused: "Paused",
  closed: "Closed",
  complete: "Complete",
  failed: (reason) => `Offline: ${FAILURES[reason] ?? reason}`,
};
