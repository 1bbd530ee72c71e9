// A sink over a web-standard ReadableStream.

import { ReadableStream } from "node:stream/web";
import type { Frame } from "./frame.js";
import type { QueueShare } from "./limits/queue-meter.js";
import type { Sink, SinkOwner } from "./sink.js";

/** The body of a web-standard response. */
export class WebSink implements Sink {
  readonly body: ReadableStream<Uint8Array>;
  isFull = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #owner: SinkOwner | undefined;

  readonly #highWaterBytes: number;
  readonly #share: QueueShare;

  /** @param highWaterBytes as much as this waiting to be read counts as full */
  constructor(highWaterBytes: number, share: QueueShare) {
    this.#highWaterBytes = highWaterBytes;
    this.#share = share;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#onPull(),
        cancel: () => this.#onCancel(),
      },
      { highWaterMark: highWaterBytes, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  attach(owner: SinkOwner): void {
    this.#owner = owner;
  }

  get queuedBytes(): number {
    const room = this.#controller?.desiredSize ?? this.#highWaterBytes;
    return this.#share.note(this.#highWaterBytes - room);
  }

  write(frame: Frame): boolean {
    const controller = this.#controller;
    if (controller === undefined) return false;
    controller.enqueue(frame.bytes);
    // The stream may ask for more inside `enqueue`, when nobody has been told that it is full.
    const isOverMark = (controller.desiredSize ?? 0) <= 0;
    this.isFull = isOverMark || (this.queuedBytes > 0 && this.#share.isMeterFull);
    return !this.isFull;
  }

  /** The stream keeps what has not been read yet, and says no more about it. */
  end(): void {
    this.#take()?.close();
    queueMicrotask(() => this.#owner?.onFlushed());
  }

  destroy(): void {
    this.#take()?.error(new Error("The connection was broken off."));
  }

  /**
   * The reader has gone without cancelling the body. Nobody is left who could take its end for the
   * end of the stream, and servers write an error of a body to their logs.
   */
  abort(): void {
    this.#take()?.close();
    this.#owner?.onLost();
  }

  #onPull(): void {
    if (!this.isFull) return;
    this.isFull = false;
    this.#owner?.onWritable();
  }

  #onCancel(): void {
    this.#take();
    this.#owner?.onLost();
  }

  /** The controller, for the last time: a stream that is over must not be written to. */
  #take(): ReadableStreamDefaultController<Uint8Array> | undefined {
    this.#share.close();
    const controller = this.#controller;
    this.#controller = undefined;
    return controller;
  }
}
