// Events as a publisher gives them to a log and as the log keeps them.

/**
 * An event on its way into a log. The log copies it: changing it afterwards changes nothing stored.
 */
export interface NewEvent {
  /**
   * The SSE event type, not empty. Default `"message"`, which is what a reader sees without one.
   */
  readonly type?: string | undefined;
  /** The payload. May be empty and may hold line breaks; it must be well-formed Unicode. */
  readonly data: string;
  /** A label that subscriptions may filter by: not empty, and without CR, LF and NUL. */
  readonly topic?: string | undefined;
  /**
   * The publisher's own name for the event, 1 to 512 bytes of UTF-8. It makes publishing repeatable:
   * as long as the stream holds an event with this id, another one with the same is not stored but
   * recognised as its duplicate, whatever it says.
   */
  readonly id?: string | undefined;
  /**
   * The trace that the event belongs to, as a W3C `traceparent`. Stored and delivered, so that a
   * trace goes on from publisher to reader; the log gives it no meaning.
   */
  readonly traceparent?: string | undefined;
}

/** An event in a log. */
export interface StoredEvent {
  /** Its place in the stream: 1 for the first event, then always one more than the one before. */
  readonly offset: number;
  /** When it was appended, milliseconds since 1970. Never less than that of the event before. */
  readonly timeMs: number;
  readonly type: string;
  readonly data: string;
  readonly topic?: string | undefined;
  readonly id?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** The type of an event that was published without one (HTML standard, §9.2.6). */
export const DEFAULT_EVENT_TYPE = "message";

/**
 * The size of an event wherever this package counts bytes: its strings in UTF-8. What a store needs
 * around them is not counted.
 */
export function eventBytes(event: NewEvent): number {
  return (
    (event.type === undefined ? DEFAULT_EVENT_TYPE.length : Buffer.byteLength(event.type)) +
    Buffer.byteLength(event.data) +
    (event.topic === undefined ? 0 : Buffer.byteLength(event.topic)) +
    (event.id === undefined ? 0 : Buffer.byteLength(event.id)) +
    (event.traceparent === undefined ? 0 : Buffer.byteLength(event.traceparent))
  );
}
