// A sink that keeps what it is given, and is as slow as a test wants it to be.

import { createParser, type ParsedEvent } from "throughline/core";
import type { Frame } from "../../src/hub/frame.js";
import type { Sink, SinkOwner } from "../../src/hub/sink.js";

export class RecordingSink implements Sink {
  /** Bytes of each write. */
  readonly writes: Uint8Array[] = [];
  readonly events: ParsedEvent[] = [];
  readonly comments: string[] = [];
  retryMs: number | undefined;
  isFull = false;
  queuedBytes = 0;
  isEnded = false;
  isDestroyed = false;
  /** Bytes that fit until it is full. */
  room = Number.POSITIVE_INFINITY;
  #owner: SinkOwner | undefined;
  readonly #parser = createParser(
    {
      onEvent: (event) => this.events.push(event),
      onComment: (text) => this.comments.push(text),
      onRetry: (ms) => {
        this.retryMs = ms;
      },
    },
    { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
  );

  attach(owner: SinkOwner): void {
    this.#owner = owner;
  }

  write(frame: Frame): boolean {
    if (this.isEnded || this.isDestroyed) throw new Error("a write after the end");
    this.writes.push(frame.bytes);
    this.#parser.push(frame.bytes);
    this.room -= frame.byteLength;
    this.isFull = this.room <= 0;
    return !this.isFull;
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  /** The reader takes everything, and there is room again. */
  makeRoom(room = Number.POSITIVE_INFINITY): void {
    this.room = room;
    if (!this.isFull) return;
    this.isFull = false;
    this.#owner?.onWritable();
  }

  flush(): void {
    this.#owner?.onFlushed();
  }

  lose(): void {
    this.#owner?.onLost();
  }

  /** The data of the application's events. */
  get data(): string[] {
    return this.events
      .filter(({ type }) => !type.startsWith("throughline."))
      .map(({ data }) => data);
  }

  /** The types of all events, in order. */
  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  /** The payloads of the protocol's events of one type. */
  payloads(type: string): unknown[] {
    return this.events.filter((event) => event.type === type).map(({ data }) => JSON.parse(data));
  }
}
