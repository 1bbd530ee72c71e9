// The full table of the connection machine: every state against every input. A missing cell does not
// compile, and a test holds the table against SPEC.md.

import {
  holdSuccessor,
  miscarry,
  plan,
  releaseSuccessor,
  relieve,
  suspect,
  weigh,
} from "./handover.js";
import type { ConnectionStep } from "./outcomes.js";
import {
  attend,
  fallBack,
  hastenProbe,
  hearPoll,
  holdPoll,
  missProbe,
  releasePoll,
  returnToStream,
  turn,
  weighProbe,
} from "./poll.js";
import type {
  ConnectionContext,
  ConnectionInput,
  ConnectionInputKind,
  ConnectionState,
  ConnectionStateName,
} from "./state.js";
import {
  answer,
  begin,
  choke,
  disown,
  expire,
  finish,
  forgo,
  giveUp,
  greet,
  hasten,
  hear,
  holdBack,
  lack,
  learnRetry,
  lose,
  miss,
  pause,
  recover,
  release,
  reopen,
  restart,
  retryNow,
  shut,
  wake,
  watch,
} from "./transitions.js";

type StateOf<N extends ConnectionStateName> = Extract<ConnectionState, { readonly name: N }>;
type InputOf<K extends ConnectionInputKind> = Extract<ConnectionInput, { readonly kind: K }>;

type Transition<N extends ConnectionStateName, K extends ConnectionInputKind> = (
  state: StateOf<N>,
  input: InputOf<K>,
  context: ConnectionContext,
) => ConnectionStep;

/**
 * `"ignored"`: the input says nothing in this state. `"illegal"`: the shell cannot have had a reason
 * to send it; a bug, and treated as one.
 */
export type Cell<N extends ConnectionStateName, K extends ConnectionInputKind> =
  | Transition<N, K>
  | "ignored"
  | "illegal";

export type ConnectionTable = {
  readonly [N in ConnectionStateName]: { readonly [K in ConnectionInputKind]: Cell<N, K> };
};

/** Nothing of a request or response can come in where no request is under way. */
const NO_RESPONSE = {
  asking: "illegal",
  sent: "illegal",
  unprepared: "illegal",
  "successor-response": "illegal",
  "successor-bytes": "illegal",
  "successor-broken": "illegal",
  response: "illegal",
  bytes: "illegal",
  hello: "illegal",
  retry: "illegal",
  ended: "illegal",
  broken: "illegal",
  futile: "illegal",
  drain: "illegal",
  complete: "illegal",
  overflow: "illegal",
} as const;

/** What can come of a successor while the present response is open. */
const SUCCESSOR = {
  asking: holdSuccessor,
  sent: releaseSuccessor,
  unprepared: "illegal",
  "successor-response": weigh,
  "successor-bytes": relieve,
  "successor-broken": miscarry,
} as const;

export const TABLE: ConnectionTable = {
  idle: {
    ...NO_RESPONSE,
    open: begin,
    "lease-lost": "illegal",
    behind: "illegal",
    tick: "ignored",
    nudge: "ignored",
    suspend: "ignored",
    resume: "ignored",
    reconnect: begin,
    close: shut,
  },
  connecting: {
    ...NO_RESPONSE,
    open: "illegal",
    asking: holdBack,
    sent: release,
    unprepared: lack,
    response: answer,
    broken: miss,
    futile: forgo,
    "lease-lost": "ignored",
    behind: "ignored",
    tick: expire,
    nudge: "ignored",
    suspend: pause,
    resume: "ignored",
    reconnect: restart,
    close: shut,
  },
  live: {
    ...SUCCESSOR,
    open: "illegal",
    response: "illegal",
    bytes: hear,
    hello: greet,
    retry: learnRetry,
    ended: reopen,
    broken: lose,
    futile: "illegal",
    "lease-lost": disown,
    behind: fallBack,
    drain: plan,
    complete: finish,
    overflow: choke,
    tick: watch,
    nudge: suspect,
    suspend: pause,
    resume: "ignored",
    reconnect: restart,
    close: shut,
  },
  stale: {
    ...NO_RESPONSE,
    ...SUCCESSOR,
    open: "illegal",
    bytes: recover,
    ended: reopen,
    broken: lose,
    "lease-lost": disown,
    behind: fallBack,
    tick: giveUp,
    nudge: suspect,
    suspend: pause,
    resume: "ignored",
    reconnect: restart,
    close: shut,
  },
  polling: {
    open: "illegal",
    asking: holdPoll,
    sent: releasePoll,
    unprepared: lack,
    "successor-response": weighProbe,
    "successor-bytes": returnToStream,
    "successor-broken": missProbe,
    response: answer,
    bytes: hearPoll,
    hello: greet,
    retry: learnRetry,
    ended: turn,
    broken: lose,
    futile: "illegal",
    "lease-lost": "ignored",
    behind: "ignored",
    // The server has ended the response by then, and the next request leaves anyway.
    drain: "ignored",
    complete: finish,
    overflow: choke,
    tick: attend,
    nudge: hastenProbe,
    suspend: pause,
    resume: "ignored",
    reconnect: restart,
    close: shut,
  },
  waiting: {
    ...NO_RESPONSE,
    open: "illegal",
    "lease-lost": "ignored",
    behind: "ignored",
    tick: retryNow,
    nudge: hasten,
    suspend: pause,
    resume: "ignored",
    reconnect: restart,
    close: shut,
  },
  paused: {
    ...NO_RESPONSE,
    open: "illegal",
    "lease-lost": "ignored",
    behind: "ignored",
    tick: "ignored",
    nudge: "ignored",
    suspend: "ignored",
    resume: wake,
    reconnect: wake,
    close: shut,
  },
  closed: {
    ...NO_RESPONSE,
    open: "ignored",
    "lease-lost": "ignored",
    behind: "ignored",
    tick: "ignored",
    nudge: "ignored",
    suspend: "ignored",
    resume: "ignored",
    reconnect: "ignored",
    close: "ignored",
  },
  failed: {
    ...NO_RESPONSE,
    open: "ignored",
    "lease-lost": "ignored",
    behind: "ignored",
    tick: "ignored",
    nudge: "ignored",
    suspend: "ignored",
    resume: "ignored",
    reconnect: restart,
    close: shut,
  },
};
