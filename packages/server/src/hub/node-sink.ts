// Sinks over node:http. Two ways to write a body: the shared chunk straight to the socket, or, where
// that is not possible, the bytes through the response.

import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Frame } from "./frame.js";
import type { QueueShare } from "./limits/queue-meter.js";
import type { Sink, SinkOwner } from "./sink.js";

/** What both ways have in common: how a response ends. */
abstract class NodeSink implements Sink {
  isFull = false;
  protected readonly response: ServerResponse;
  protected readonly share: QueueShare;
  protected owner: SinkOwner | undefined;

  constructor(response: ServerResponse, share: QueueShare) {
    this.response = response;
    this.share = share;
  }

  attach(owner: SinkOwner): void {
    this.owner = owner;
    this.response.once("close", () => this.lose());
    this.response.on("error", ignore);
  }

  abstract write(frame: Frame): boolean;

  abstract get queuedBytes(): number;

  end(): void {
    this.response.end(() => this.owner?.onFlushed());
  }

  destroy(): void {
    this.share.close();
    this.response.destroy();
  }

  /** The connection is gone, also where the response has not noticed. */
  lose(): void {
    this.share.close();
    this.owner?.onLost();
  }

  protected onDrain(): void {
    this.isFull = false;
    this.owner?.onWritable();
  }
}

/** A response that breaks is also closed, which is what counts; the event must have a listener. */
function ignore(): void {}

/**
 * Writes chunks of an HTTP/1.1 body directly to the socket that the response owns, so that the same
 * buffer goes to every subscriber and nothing is framed per subscriber.
 *
 * Only for a response whose header has been sent with `Transfer-Encoding: chunked`, and nothing else
 * may write to it. `end` is left to the response, which knows what follows on the connection.
 */
export class SocketSink extends NodeSink {
  readonly #socket: Socket;
  readonly #highWaterBytes: number;

  /** @param options.highWaterBytes more than this waiting in the socket counts as full */
  constructor(
    response: ServerResponse,
    socket: Socket,
    { highWaterBytes, share }: { readonly highWaterBytes: number; readonly share: QueueShare },
  ) {
    super(response, share);
    this.#socket = socket;
    this.#highWaterBytes = Math.max(highWaterBytes, socket.writableHighWaterMark);
  }

  get queuedBytes(): number {
    return this.share.note(this.#socket.writableLength);
  }

  write(frame: Frame): boolean {
    const socket = this.#socket;
    const isBelowMark = socket.write(frame.chunk);
    const queuedBytes = this.share.note(socket.writableLength);
    // `false` means no more than that the write was large; often the system has taken all of it.
    if (isBelowMark) return true;
    if (queuedBytes <= (this.share.isMeterFull ? 0 : this.#highWaterBytes)) return true;
    if (!this.isFull) {
      this.isFull = true;
      // Comes for certain: the socket has just answered `false`.
      socket.once("drain", () => this.onDrain());
    }
    return false;
  }
}

/** Writes bytes through the response: HTTP/1.0, HTTP/2, pipelined requests, wrapped responses. */
export class ResponseSink extends NodeSink {
  get queuedBytes(): number {
    return this.share.note(this.response.writableLength);
  }

  write(frame: Frame): boolean {
    const hasRoom = this.response.write(frame.bytes);
    this.share.note(this.response.writableLength);
    if (hasRoom) return true;
    if (!this.isFull) {
      this.isFull = true;
      this.response.once("drain", () => this.onDrain());
    }
    return false;
  }
}
