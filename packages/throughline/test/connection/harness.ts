// A connection machine on virtual time: inputs in, states and effects out, deadlines kept.

import type {
  ConnectionEffect,
  ConnectionInput,
  ConnectionLimits,
  ConnectionState,
} from "throughline/core";
import {
  connectionDeadlineMs,
  DEFAULT_LIMITS,
  DEFAULT_PULSE,
  INITIAL_STATE,
  stepConnection,
} from "throughline/core";

export const PULSE = DEFAULT_PULSE;

/** An answer that is a stream of a server with a pulse. */
export const STREAM: ConnectionInput = {
  kind: "response",
  status: 200,
  contentType: "text/event-stream; charset=utf-8",
  retryAfterMs: undefined,
  canRenew: false,
  pulse: PULSE,
};

/** The same with the server known to be one of ours by its head. */
export const OURS = { ...STREAM, isOurs: true } as ConnectionInput;

/** The same as the answer to a successor. */
export const SUCCESSOR_STREAM = { ...STREAM, kind: "successor-response" } as ConnectionInput;

/** Any other answer. */
export function status(code: number, retryAfterMs?: number): ConnectionInput {
  return {
    kind: "response",
    status: code,
    contentType: "text/html",
    retryAfterMs,
    canRenew: false,
    pulse: undefined,
  };
}

/** An input, or the kind of one that needs nothing else. */
export type AnyInput = ConnectionInput | ConnectionInput["kind"];

export class Machine {
  state: ConnectionState = INITIAL_STATE;
  nowMs = 1000;
  /** Moments at which requests left. */
  readonly requests: number[] = [];
  readonly effects: ConnectionEffect[] = [];
  readonly limits: ConnectionLimits;
  random: () => number;

  constructor(options: { limits?: Partial<ConnectionLimits>; random?: () => number } = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.random = options.random ?? (() => 0.5);
  }

  feed(...inputs: readonly AnyInput[]): this {
    for (const input of inputs) this.#step(typeof input === "string" ? bare(input) : input);
    return this;
  }

  /** Lets time pass, with a tick at every deadline on the way. */
  pass(ms: number): this {
    const endMs = this.nowMs + ms;
    for (;;) {
      const deadlineMs = this.deadlineMs;
      if (deadlineMs === undefined || deadlineMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, deadlineMs);
      this.feed("tick");
    }
    this.nowMs = endMs;
    return this;
  }

  /** Lets time pass without any tick: the program sleeps. */
  sleep(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  /** Lets time pass until the next deadline, and ticks. */
  toDeadline(): this {
    if (this.deadlineMs === undefined) throw new Error(`No deadline in state ${this.name}.`);
    this.nowMs = Math.max(this.nowMs, this.deadlineMs);
    return this.feed("tick");
  }

  get deadlineMs(): number | undefined {
    return connectionDeadlineMs(this.state, this.limits);
  }

  get name(): string {
    return this.state.name;
  }

  get reason(): string {
    return this.state.reason;
  }

  #step(input: ConnectionInput): void {
    const context = { nowMs: this.nowMs, random: this.random, limits: this.limits };
    const { state, effects } = stepConnection(this.state, input, context);
    this.state = state;
    this.effects.push(...effects);
    if (effects.includes("connect") || effects.includes("connect-successor"))
      this.requests.push(this.nowMs);
  }
}

/** Inputs that carry nothing. */
function bare(kind: ConnectionInput["kind"]): ConnectionInput {
  switch (kind) {
    case "response":
      return STREAM;
    case "hello":
      return { kind, pulse: PULSE };
    case "retry":
      return { kind, retryMs: 2000 };
    case "drain":
      return { kind, withinMs: 1000, why: "drained" };
    case "successor-response":
      return SUCCESSOR_STREAM;
    case "successor-bytes":
      return { kind, pulse: PULSE };
    default:
      return { kind };
  }
}

/** A machine in each state, as the shortest way there leaves it. */
export function machineIn(name: ConnectionState["name"], options = {}): Machine {
  const machine = new Machine(options);
  switch (name) {
    case "idle":
      return machine;
    case "connecting":
      return machine.feed("open");
    case "live":
      return machine.feed("open", STREAM, "bytes");
    case "stale":
      return machine.feed("open", STREAM, "bytes").pass(1500);
    case "polling":
      return polling(options);
    case "waiting":
      return machine.feed("open", "broken");
    case "paused":
      return machine.feed("open", "suspend");
    case "closed":
      return machine.feed("open", "close");
    case "failed":
      return machine.feed("open", status(404));
  }
}

/** A machine that has been answered twice without a byte, and has its first short response. */
export function polling(options = {}): Machine {
  const machine = new Machine(options).feed("open");
  for (let hollow = 0; hollow < 2; hollow++)
    machine.feed(OURS).toDeadline().toDeadline().toDeadline();
  return machine.feed(OURS, "bytes");
}

/** A stale machine whose first bytes have been late already. */
export function late(options = {}): Machine {
  return new Machine(options).feed("open", OURS).pass(1500).feed("bytes").pass(1400);
}

/** The same with the request of its successor under way. */
export function lateHandingOver(options = {}): Machine {
  const machine = new Machine(options).feed("open", OURS).pass(1500).feed("bytes");
  return machine.feed({ kind: "drain", withinMs: 0, why: "drained" }, "tick").pass(1400);
}

/** A live machine with the request of its successor under way. */
export function handingOver(options = {}): Machine {
  const machine = machineIn("live", options).pass(1000).feed("bytes");
  return machine.feed({ kind: "drain", withinMs: 0, why: "drained" }, "tick");
}

/** A machine that was put aside in a pause that the server has asked for. */
export function putAside(options = {}): Machine {
  return new Machine(options).feed("open", status(429, 60_000), "suspend");
}
