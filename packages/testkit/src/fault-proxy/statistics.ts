// What the proxy has seen, with times: the raw material of every measurement of how fast a client
// notices a fault and comes back.

import type { Fault } from "./fault.js";

/**
 * A client's connection, at the moment the proxy accepted it. All times of the statistics are
 * milliseconds on the clock of `performance.now()`; add `performance.timeOrigin` for epoch time.
 */
export interface ConnectionAttempt {
  /** Number of the connection, from 1, in the order in which they were accepted. */
  readonly connection: number;
  readonly atMs: number;
}

/** A request head that the proxy has read, whether or not it was passed on. */
export interface RequestSeen {
  /** Number of the connection that it came on. */
  readonly connection: number;
  /** When its first byte came: when the client began the request. */
  readonly begunAtMs: number;
  /** When its head was complete. */
  readonly headAtMs: number;
  readonly method: string;
  /** The request target as sent, with its query. */
  readonly target: string;
}

/** A fault that was set, by a call or by a schedule. `pass` behind a fault that is used up included. */
export interface FaultChange {
  readonly fault: Fault;
  readonly atMs: number;
}

/** A picture of one moment; it does not change afterwards. */
export interface ProxyStatistics {
  /** Connections accepted so far; those that were refused by RST included. */
  readonly accepted: number;
  /**
   * Connections met with RST at once (`reset-new`). Attempts while nobody listens (`refuse`) are
   * turned away by the operating system and nobody can count them here.
   */
  readonly refused: number;
  /** Requests whose head was complete, on any connection. */
  readonly requests: number;
  /** Requests that the proxy answered itself. */
  readonly answered: number;
  /** Bytes written to the upstream server. */
  readonly bytesUp: number;
  /** Bytes written to clients, the proxy's own answers included. */
  readonly bytesDown: number;
  /** When the last of those bytes was written; `undefined` before the first. */
  readonly lastByteUpAtMs: number | undefined;
  readonly lastByteDownAtMs: number | undefined;
  /** The newest 10,000 connections, oldest first. */
  readonly connectionAttempts: readonly ConnectionAttempt[];
  /** The newest 10,000 requests, in the order in which their heads were complete. */
  readonly requestHeads: readonly RequestSeen[];
  /** The newest 10,000 changes of the fault, oldest first. */
  readonly faultChanges: readonly FaultChange[];
}

/** How many records of each kind are kept: a day of a client that comes back every ten seconds. */
const RECORDS_KEPT = 10_000;

/** Collects what {@link ProxyStatistics} shows. */
export class Recorder {
  #accepted = 0;
  #refused = 0;
  #requests = 0;
  #answered = 0;
  #bytesUp = 0;
  #bytesDown = 0;
  #lastByteUpAtMs: number | undefined;
  #lastByteDownAtMs: number | undefined;
  readonly #connectionAttempts: ConnectionAttempt[] = [];
  readonly #requestHeads: RequestSeen[] = [];
  readonly #faultChanges: FaultChange[] = [];

  /** Counts a connection and returns its number. */
  accepted(): number {
    this.#accepted += 1;
    keep(this.#connectionAttempts, { connection: this.#accepted, atMs: performance.now() });
    return this.#accepted;
  }

  refused(): void {
    this.#refused += 1;
  }

  requested(request: Omit<RequestSeen, "headAtMs">): void {
    this.#requests += 1;
    keep(this.#requestHeads, { ...request, headAtMs: performance.now() });
  }

  answered(): void {
    this.#answered += 1;
  }

  wroteUp(bytes: number): void {
    this.#bytesUp += bytes;
    this.#lastByteUpAtMs = performance.now();
  }

  wroteDown(bytes: number): void {
    this.#bytesDown += bytes;
    this.#lastByteDownAtMs = performance.now();
  }

  changed(fault: Fault): void {
    keep(this.#faultChanges, { fault, atMs: performance.now() });
  }

  snapshot(): ProxyStatistics {
    return {
      accepted: this.#accepted,
      refused: this.#refused,
      requests: this.#requests,
      answered: this.#answered,
      bytesUp: this.#bytesUp,
      bytesDown: this.#bytesDown,
      lastByteUpAtMs: this.#lastByteUpAtMs,
      lastByteDownAtMs: this.#lastByteDownAtMs,
      connectionAttempts: [...this.#connectionAttempts],
      requestHeads: [...this.#requestHeads],
      faultChanges: [...this.#faultChanges],
    };
  }
}

function keep<Item>(records: Item[], record: Item): void {
  if (records.length === RECORDS_KEPT) records.shift();
  records.push(record);
}
