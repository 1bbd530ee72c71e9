// Where the bytes for one subscriber go. Sinks know about transports and nothing else.

import type { Frame } from "./frame.js";

/** One subscriber's way out. */
export interface Sink {
  /** Says whom to report to. Before it nothing is reported. */
  attach(owner: SinkOwner): void;
  /**
   * Takes a frame, whatever happens. `false`: it is full, and will tell its owner when it has room
   * again. Its owner is never called from inside a write.
   */
  write(frame: Frame): boolean;
  /** Whether the last answer was `false` and there has been no room since. */
  readonly isFull: boolean;
  /** Bytes that wait in the process for the reader to take them. */
  readonly queuedBytes: number;
  /** Ends the response in good order after all that was written, then tells its owner. Once. */
  end(): void;
  /** Breaks the connection off. */
  destroy(): void;
}

/** Whom a sink reports to. */
export interface SinkOwner {
  /** There is room again. */
  onWritable(): void;
  /** After `end`: everything has been handed over. */
  onFlushed(): void;
  /** The sink is gone. May be told more than once, and after `onFlushed`. */
  onLost(): void;
}
