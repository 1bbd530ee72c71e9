// A tail of a log in this process. It is a reader like any other: it reads on from its position, and
// what makes it live is only that it is asked to look again after every change of its stream.

import type { Position } from "throughline/core";
import type { ReadOptions, ReadResult, Tail, TailListener, TailMessage } from "./event-log.js";

/**
 * Most events of a backlog in one call of the listener: enough that the call costs nothing by
 * comparison, little enough that a listener that copies them stays small.
 */
const PAGE_EVENTS = 1000;
/** Most bytes of a backlog in one call, for the same reasons where the events are large. */
const PAGE_BYTES = 1024 * 1024;

/** Something that follows a stream and looks at it whenever it has changed. */
export interface Follower {
  /** Delivers whatever is new; never throws. */
  pump(): void;
  close(): void;
}

/** A stream that can be followed. */
export interface TailSource {
  /** Whom to let look after every change. */
  readonly followers: Set<Follower>;
  /**
   * As `EventLog.read` has it, at once; `undefined` as long as the stream is not ready to be read.
   * What it throws is reported, and the tail waits for the next change.
   */
  read(options: ReadOptions): ReadResult | undefined;
}

/** What a tail needs beside its stream. */
export interface StreamTailSetup {
  readonly after: Position;
  readonly listener: TailListener;
  /** Is told what the listener throws, and what a read throws; must not throw itself. */
  readonly report: (error: unknown) => void;
  /** Called once, when the tail has ended. */
  readonly onClosed: () => void;
}

/**
 * Follows a stream from a position on. The position moves before the listener is called, so that a
 * listener that throws, appends, or closes the tail can neither repeat an event nor miss one.
 */
export class StreamTail implements Tail, Follower {
  readonly #stream: TailSource;
  readonly #setup: StreamTailSetup;
  #position: Position;
  #isOpen = true;
  /** Set while the listener runs, and at first until the caller of `tail` has got its tail. */
  #isBusy = true;

  constructor(stream: TailSource, setup: StreamTailSetup) {
    this.#stream = stream;
    this.#setup = setup;
    this.#position = setup.after;
    stream.followers.add(this);
    queueMicrotask(() => {
      this.#isBusy = false;
      this.pump();
    });
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stream.followers.delete(this);
    this.#setup.onClosed();
  }

  /**
   * Delivers what is new. Inside the listener it does nothing: the loop outside goes on by itself.
   */
  pump(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#isOpen) {
      const message = this.#tryNext();
      if (message === undefined) break;
      this.#deliver(message);
    }
    this.#isBusy = false;
  }

  #tryNext(): TailMessage | undefined {
    try {
      return this.#next();
    } catch (error) {
      this.#setup.report(error);
      return undefined;
    }
  }

  #next(): TailMessage | undefined {
    const { epoch, offset } = this.#position;
    // Spelled out field by field: a spread here once cost ten times what the whole append does.
    const result = this.#stream.read({
      after: offset,
      epoch,
      limit: PAGE_EVENTS,
      maxBytes: PAGE_BYTES,
    });
    if (result === undefined) return undefined;
    if (result.kind === "gap") {
      this.#position = result.resumeAfter;
      return result;
    }
    const last = result.events.at(-1);
    if (last !== undefined) {
      this.#position = { epoch, offset: last.offset };
      return result;
    }
    if (!result.head.sealed) return undefined;
    this.close();
    return { kind: "sealed", at: this.#position, reason: result.head.sealReason };
  }

  #deliver(message: TailMessage): void {
    try {
      this.#setup.listener(message);
    } catch (error) {
      this.#setup.report(error);
    }
  }
}
