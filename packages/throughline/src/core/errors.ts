/**
 * Why a {@link StreamError} was thrown, as a closed list:
 *
 * | code | fault | meaning |
 * |---|---|---|
 * | `invalid-field` | local | a value cannot be written as a field of an event; nothing was written |
 * | `invalid-option` | local | an option is missing, out of its range, or contradicts another one |
 * | `invalid-state` | local | the call is not allowed at this moment; nothing was changed by it |
 * | `event-too-large` | remote | an event of the other side went past the limit set for its length |
 * | `http` | remote | the other side answered, but not with what was asked for |
 * | `invalid-stream` | local | a text is not the name of a stream |
 * | `invalid-event` | local | a batch that cannot be stored as a whole; nothing of it was |
 * | `stream-sealed` | local | the stream is complete, nothing can be appended to it any more |
 * | `producer-fenced` | local | the producer has been replaced by one with a higher epoch |
 * | `producer-out-of-order` | local | a producer's batch is neither its next one nor a known repetition |
 * | `too-many-streams` | local | a new stream would exceed the limit that was set for the log |
 * | `log-closed` | local | the log was closed before the call |
 * | `authorization-failed` | local | it could not be found out whether a request is allowed |
 * | `store-locked` | local | another process, or this one, uses the directory of the log already |
 * | `store-corrupt` | local | what is on the disk is not what the log has written there |
 * | `store-full` | local | there is no room left on the disk; nothing was stored |
 * | `store-unavailable` | local | the store cannot be used; the message says why |
 * | `timeout` | remote | the other side did not answer in time; what was asked may have been done |
 * | `aborted` | local | the caller's signal ended it; what was asked may have been done |
 * | `queue-full` | local | more is waiting than the limit that was set allows; nothing was done |
 */
export type StreamErrorCode =
  | "invalid-field"
  | "invalid-option"
  | "invalid-state"
  | "event-too-large"
  | "http"
  | "invalid-stream"
  | "invalid-event"
  | "stream-sealed"
  | "producer-fenced"
  | "producer-out-of-order"
  | "too-many-streams"
  | "log-closed"
  | "authorization-failed"
  | "store-locked"
  | "store-corrupt"
  | "store-full"
  | "store-unavailable"
  | "timeout"
  | "aborted"
  | "queue-full";

/** What a {@link StreamError} is made of, beside its message. */
export interface StreamErrorOptions {
  readonly code: StreamErrorCode;
  /**
   * `local`: the caller's own values or calls; `remote`: what the other side sent or did not send.
   */
  readonly fault: "local" | "remote";
  /**
   * Whether the same call may succeed later, with nothing changed on this side. Default `false`.
   */
  readonly retryable?: boolean | undefined;
  /** The error underneath, where there is one. */
  readonly cause?: unknown;
}

/**
 * An operation that failed, or a call that cannot be right.
 *
 * Programs tell errors apart by `code`; the message is for people, says what was expected, what
 * came and what to do, and holds no secret and no payload.
 */
export class StreamError extends Error {
  override readonly name = "StreamError";
  readonly code: StreamErrorCode;
  readonly fault: "local" | "remote";
  readonly retryable: boolean;

  constructor(message: string, options: StreamErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = options.code;
    this.fault = options.fault;
    this.retryable = options.retryable ?? false;
  }
}
