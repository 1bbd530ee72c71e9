// One direction of one proxied connection: reads a socket, keeps what may not go on yet, writes the
// rest. Which bytes may go, and when, is decided elsewhere: by the pace and by the gate.

import type { Socket } from "node:net";
import { Fifo } from "./fifo.js";
import type { Framer, Place, Segment } from "./framer.js";
import type { Pace } from "./pace.js";

/** How the sender ended. */
export type Ending = "fin" | "reset";

/**
 * `open`: bytes go through. `dead`: none does any more, but they are read while they fit, as the
 * buffers of a dead path would take them. `draining`: all are read and thrown away.
 */
export type LaneMode = "open" | "dead" | "draining";

/** What the gate lets through of a piece. */
export interface Passage {
  /** So many bytes from the front are written; the others are dropped. */
  readonly bytes: number;
  /** These are written in their place. */
  readonly instead?: Uint8Array | undefined;
  /** Called when they have been handed to the kernel; nothing further is written by the lane. */
  readonly last?: (() => void) | undefined;
}

/** What a lane needs of the connection it belongs to. */
export interface LaneOptions {
  readonly framer: Framer;
  readonly pace: Pace;
  /** The socket to write to; called once, when there is something to write, and not before. */
  readonly sink: () => Socket;
  /** Asked about every piece that is about to be written. `before` is the place it begins at. */
  readonly gate: (piece: Segment, before: Place) => Passage;
  /** The sender's end, once everything before it has been written. */
  readonly onEnding: (ending: Ending) => void;
  /** Told about every arrival before it is looked at. */
  readonly onArrival: () => void;
  /** Told how many bytes were written to the sink. */
  readonly onWritten: (bytes: number) => void;
}

interface Entry {
  readonly segment: Segment;
  readonly arrivedAtMs: number;
  readonly ending?: Ending | undefined;
}

const NOTHING = new Uint8Array(0);

/** A bounded queue between two sockets. */
export class Lane {
  readonly #options: LaneOptions;
  #pace: Pace;
  #source: Socket | undefined;
  #sink: Socket | undefined;
  #mode: LaneMode = "open";
  readonly #entries = new Fifo<Entry>();
  #queuedBytes = 0;
  #completeBytes = 0;
  #place: Place = "between-messages";
  #timer: NodeJS.Timeout | undefined;
  #isFlushing = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#pace = options.pace;
  }

  /** Where the byte stream stands after what has been written. */
  get place(): Place {
    return this.#place;
  }

  /** What becomes of the bytes that come. Only an open lane ever writes. */
  get mode(): LaneMode {
    return this.#mode;
  }

  /** Begins to read from a socket. */
  attach(source: Socket): void {
    this.#source = source;
    source.on("data", (chunk: Uint8Array) => this.#arrive(chunk));
  }

  /** Puts the end of the sender behind everything that it sent. */
  end(ending: Ending): void {
    if (this.#mode === "draining") return;
    const place = this.#options.framer.place;
    const segment: Segment = { bytes: NOTHING, part: "payload", place };
    this.#entries.push({ segment, arrivedAtMs: performance.now(), ending });
    this.#completeBytes = this.#queuedBytes;
    this.flush();
  }

  /** Changes the rule for everything that has not been written yet. */
  setPace(pace: Pace): void {
    this.#pace = pace;
    this.flush();
    this.#balance();
  }

  /** Silences the lane for good; the sender notices nothing until the buffers are full. */
  die(): void {
    if (this.#mode === "open") this.#mode = "dead";
    this.#clearTimer();
  }

  /** Throws away what waits and all that will come, so that the sender can go on sending for ever. */
  drain(): void {
    this.#mode = "draining";
    this.#clearTimer();
    this.#entries.clear();
    this.#queuedBytes = 0;
    this.#completeBytes = 0;
    this.#source?.resume();
  }

  /** Writes what may be written now. Called again by itself when time has passed. */
  flush(): void {
    // The gate and the end of a sender may change the fault, which flushes again: the loop below sees
    // the change by itself.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#clearTimer();
    for (let entry = this.#next(); entry !== undefined; entry = this.#next()) {
      const permitted = this.#ask(entry);
      if (permitted === undefined) break;
      if (entry.ending === undefined) this.#pass(entry, permitted);
      else this.#finish(entry.ending);
    }
    this.#uncork();
    this.#isFlushing = false;
    this.#balance();
  }

  #arrive(chunk: Uint8Array): void {
    this.#options.onArrival();
    const arrivedAtMs = performance.now();
    const segments = this.#options.framer.push(chunk);
    if (this.#mode === "draining") return;
    for (const segment of segments) {
      this.#entries.push({ segment, arrivedAtMs });
      this.#queuedBytes += segment.bytes.length;
      if (segment.place === "between-messages") this.#completeBytes = this.#queuedBytes;
    }
    this.flush();
  }

  #next(): Entry | undefined {
    const isOpen = this.#mode === "open" && this.#sink?.writableNeedDrain !== true;
    return isOpen ? this.#entries.first : undefined;
  }

  /** How many bytes of the entry may go; `undefined`: none now, and a timer runs where one helps. */
  #ask({ segment, arrivedAtMs }: Entry): number | undefined {
    const nowMs = performance.now();
    const permit = this.#pace.permit(
      {
        bytes: segment.bytes.length,
        part: segment.part,
        arrivedAtMs,
        queuedBytes: this.#queuedBytes,
        completeBytes: this.#completeBytes,
      },
      nowMs,
    );
    if (permit.kind === "go") return permit.bytes;
    if (permit.kind === "wait") this.#timer = setTimeout(() => this.flush(), Math.ceil(permit.ms));
    return undefined;
  }

  #pass(entry: Entry, count: number): void {
    const before = this.#place;
    const piece = this.#take(entry, count);
    const { bytes, instead, last } = this.#options.gate(piece, before);
    if (last !== undefined) this.#mode = "dead";
    const written = instead ?? piece.bytes.subarray(0, bytes);
    if (written.length === 0) {
      last?.();
      return;
    }
    this.#sink ??= this.#options.sink();
    if (this.#sink.writableCorked === 0) this.#sink.cork();
    // A write that fails shows itself as the error and the close of its socket, which the connection
    // listens to; there is nothing to add here.
    this.#sink.write(written, last === undefined ? undefined : () => last());
    this.#options.onWritten(written.length);
  }

  #finish(ending: Ending): void {
    this.#entries.shift();
    this.#uncork();
    this.#options.onEnding(ending);
  }

  /** Takes so many bytes of the first entry out of the queue. */
  #take(entry: Entry, count: number): Segment {
    const { bytes, part, place } = entry.segment;
    this.#queuedBytes -= count;
    this.#completeBytes = Math.max(0, this.#completeBytes - count);
    if (count === bytes.length) {
      this.#entries.shift();
      this.#place = place;
      return entry.segment;
    }
    const rest = { bytes: bytes.subarray(count), part, place };
    this.#entries.replaceFirst({ ...entry, segment: rest });
    this.#place = placeWithin(this.#place);
    return { bytes: bytes.subarray(0, count), part, place: this.#place };
  }

  #uncork(): void {
    if (this.#sink?.writableCorked === 1) this.#sink.uncork();
  }

  /** Reads while there is room; a full queue is the back-pressure that the sender meets. */
  #balance(): void {
    const source = this.#source;
    if (source === undefined || this.#mode === "draining") return;
    if (this.#queuedBytes >= this.#pace.capacityBytes) source.pause();
    else if (source.isPaused()) source.resume();
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Where a stream stands that has left `place`, and not reached the end of the segment behind it. */
function placeWithin(place: Place): Place {
  if (place === "between-messages") return "in-head";
  if (place === "between-chunks") return "in-size-line";
  return place;
}
