// A tail for another process. Unlike a tail in this one it has back-pressure: it reads pages when its
// turn comes until it has caught up, is then live, and reads again when the other side is full.

import type { Position } from "throughline/core";
import type { EventLog, ReadResult, Tail, TailMessage } from "../event-log.js";
import type { StreamName } from "../stream-name.js";
import type { TailTurns } from "./tail-turns.js";

/** Most events of a page: enough that the question costs nothing by comparison. */
const PAGE_EVENTS = 1000;
/** Most bytes of a page: what one tail adds to a channel that had room. */
const PAGE_BYTES = 256 * 1024;

/** After what time a log that could not be read is asked again, in milliseconds. */
const RETRY_MS = 1000;

/** What a tail needs beside its position. */
export interface ServedTailSetup {
  readonly log: EventLog;
  readonly stream: StreamName;
  readonly turns: TailTurns;
  readonly tell: (message: TailMessage) => void;
  readonly isFull: () => boolean;
  readonly onError: (error: unknown) => void;
}

/** One tail of another process. It ends with `sealed` or when it is closed. */
export class ServedTail {
  readonly #setup: ServedTailSetup;
  /** Up to where everything has been told. */
  #position: Position;
  /** Set while it is live. */
  #tail: Tail | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;
  readonly #readPage = () => this.#read();

  constructor(setup: ServedTailSetup, after: Position) {
    this.#setup = setup;
    this.#position = after;
    this.#catchUp();
  }

  close(): void {
    this.#isClosed = true;
    this.#setup.turns.leave(this.#readPage);
    this.#tail?.close();
    clearTimeout(this.#retry);
  }

  #catchUp(): void {
    this.#setup.turns.ask(this.#readPage);
  }

  async #read(): Promise<void> {
    const { log, stream, onError } = this.#setup;
    const { epoch, offset: after } = this.#position;
    try {
      const limits = { limit: PAGE_EVENTS, maxBytes: PAGE_BYTES };
      const result = await log.read(stream, { after, epoch, ...limits });
      if (this.#isClosed) return;
      if (result.kind === "gap" || result.events.length > 0) this.#tell(result);
      if (isAtHead(this.#position, result)) this.#goLive();
      else this.#catchUp();
    } catch (error) {
      onError(error);
      if (!this.#isClosed) this.#retry = setTimeout(() => this.#catchUp(), RETRY_MS).unref();
    }
  }

  #goLive(): void {
    const { log, stream, isFull } = this.#setup;
    this.#tail = log.tail(stream, this.#position, (message) => {
      this.#tell(message);
      if (message.kind === "sealed" || !isFull()) return;
      this.#tail?.close();
      this.#tail = undefined;
      this.#catchUp();
    });
  }

  #tell(message: TailMessage): void {
    if (message.kind !== "events") {
      if (message.kind === "gap") this.#position = message.resumeAfter;
      this.#setup.tell(message);
      return;
    }
    const { kind, epoch, events } = message;
    this.#position = { epoch, offset: events.at(-1)?.offset ?? this.#position.offset };
    // Spelled out, because a page has its head beside the events, and nobody wants that each time.
    this.#setup.tell({ kind, epoch, events });
  }
}

/** Whether nothing is stored after a position that a page, or a gap, has led to. */
function isAtHead({ epoch, offset }: Position, { head }: ReadResult): boolean {
  return epoch === head.epoch && offset >= head.offset;
}
