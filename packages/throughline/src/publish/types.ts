// What a publisher is given and what it gives back.

import type { Cursor } from "../core/index.js";

/** An event to be published. */
export interface PublishEvent {
  /** Any JSON value: a string is published as it is, anything else as its JSON text. */
  readonly data: unknown;
  /** The event type. Default `"message"`. */
  readonly type?: string | undefined;
  /** A label that subscriptions may filter by. */
  readonly topic?: string | undefined;
  /**
   * Your own name for the event, 1 to 512 bytes, by which the hub recognises it when it comes again.
   * Give one where the event may be published again by another call or another process; default:
   * 128 random bits, which hold for all attempts of one call.
   */
  readonly id?: string | undefined;
  /** The trace that the event belongs to, as a W3C `traceparent`. */
  readonly traceparent?: string | undefined;
}

/** What became of published events. */
export interface Published {
  /** The cursor of each event, in order. */
  readonly cursors: readonly Cursor[];
  /**
   * The indices of events that the stream had already, also by an earlier attempt of this very call
   * whose answer was lost. Nothing was stored twice.
   */
  readonly duplicates: readonly number[];
}

/** How one call publishes. */
export interface PublishOptions {
  /**
   * Gives up when it fires; the call is rejected with `aborted`. What was sent by then may have been
   * stored.
   */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for this call, waiting in line included. Default: that of the publisher. */
  readonly deadlineMs?: number | undefined;
}

/** Publishes to the streams of one hub. */
export interface Publisher {
  /**
   * Publishes one event or a batch (all of it or nothing). Resolves when the hub has it.
   *
   * Tried again after failures of the path, and after 408, 425, 429 and 5xx, until the deadline;
   * events have ids, so that nothing is stored twice. Concurrent calls go out at the same time, and
   * nothing is promised about their order; with a `producer` they go one after the other for each
   * stream, and are stored in the order of the calls.
   *
   * @throws StreamError `invalid-stream`, `invalid-event` (also above a limit of the hub),
   *   `stream-sealed`, `producer-fenced`, `producer-out-of-order`: refused; `http`: answered with
   *   another refusal, or not as a hub answers; `timeout`: not known whether it was stored, the cause
   *   is the last failure; `aborted`; `queue-full`, `too-many-streams`: nothing was sent;
   *   `invalid-state`: nothing was sent, because the outcome of an earlier batch of the producer is
   *   not known
   */
  publish(
    stream: string,
    events: PublishEvent | readonly PublishEvent[],
    options?: PublishOptions,
  ): Promise<Published>;
}

/** The part of an answer that a publisher looks at. */
export interface PublishResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** What a publisher asks of a request. */
export interface PublishRequest {
  readonly method: "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** The part of `fetch` that a publisher uses. */
export type PublishFetch = (url: string, request: PublishRequest) => Promise<PublishResponse>;

/** Headers for every request, or what makes them: asked before each attempt, so that tokens may change. */
export type PublishHeaders =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/** Who publishes, where the order of batches matters. */
export interface ProducerIdentity {
  /** 1 to 128 characters of `[A-Za-z0-9._~:-]`; one id for everything that takes turns at a job. */
  readonly id: string;
  /**
   * Whoever has the higher epoch fences the others off: their batches are refused. An integer from
   * 0. Default: the milliseconds since 1970 at the publisher's creation, so that the one that was
   * started last wins.
   */
  readonly epoch?: number | undefined;
}

/** How to set up a publisher. Only the address is required. */
export interface PublisherOptions {
  /** The address of the hub, up to and not including `/streams`. Without a query. */
  readonly url: string | URL;
  /** Default: the platform's `fetch`. */
  readonly fetch?: PublishFetch | undefined;
  /** Default: none. */
  readonly headers?: PublishHeaders | undefined;
  /**
   * Keeps the batches of each stream in order, one in flight at a time, and fences predecessors.
   *
   * When the outcome of a batch cannot be found out within its deadline, the stream is closed to this
   * publisher: to go on after a batch that may come later would change the order. Create another
   * publisher, with a higher epoch, and publish again what failed, with the same ids.
   * Default: none, and no order between calls.
   */
  readonly producer?: ProducerIdentity | undefined;
  /**
   * Milliseconds from the call to its end, whatever happens. Default 60,000: the restart of a hub, and
   * of the machine under it, with some to spare.
   */
  readonly deadlineMs?: number | undefined;
  /**
   * Milliseconds for one attempt, answer included. Default 10,000: a hub answers in a fraction of a
   * second, and a request that hangs for longer is lost.
   */
  readonly attemptTimeoutMs?: number | undefined;
  /**
   * Most calls that are under way or in line; one more is rejected with `queue-full`. Default 1000: they
   * are held in memory, and who publishes faster than the hub takes it has to notice.
   */
  readonly maxPending?: number | undefined;
}
