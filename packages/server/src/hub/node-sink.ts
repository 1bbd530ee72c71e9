// Sinks over node:http and node:http2. Three ways to write a body: the shared chunk straight to the
// socket, the bytes straight to the HTTP/2 stream, or, where neither is possible, through the response.

import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { Frame } from "./frame.js";
import type { QueueShare } from "./limits/queue-meter.js";
import type { Sink, SinkOwner } from "./sink.js";

/** RFC 9113 §7, INTERNAL_ERROR: no client may take a stream that was broken off for a whole one. */
const BROKEN_OFF = 2;

/** Breaks off a response, and so its connection, or its own stream in a connection of HTTP/2. */
export function breakOff(response: ServerResponse | Http2ServerResponse): void {
  if (!("stream" in response)) {
    response.destroy();
    return;
  }
  response.stream.close(BROKEN_OFF);
  // Closing waits for the reset to be sent, which a dead connection never does.
  response.stream.destroy();
}

/** What all ways have in common: how a response ends. */
abstract class NodeSink<Response extends ServerResponse | Http2ServerResponse> implements Sink {
  isFull = false;
  protected readonly response: Response;
  protected readonly share: QueueShare;
  protected owner: SinkOwner | undefined;

  constructor(response: Response, share: QueueShare) {
    this.response = response;
    this.share = share;
  }

  attach(owner: SinkOwner): void {
    this.owner = owner;
    const { response } = this;
    response.once("close", () => this.lose());
    response.on("error", ignore);
    // A stream that its reader resets without an error is closed by Node only when all that waits has
    // been taken, which never happens.
    if ("stream" in response) response.stream.once("aborted", () => response.stream.destroy());
  }

  abstract write(frame: Frame): boolean;

  abstract get queuedBytes(): number;

  end(): void {
    this.response.end(() => this.owner?.onFlushed());
  }

  destroy(): void {
    this.share.close();
    breakOff(this.response);
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

/** How much may wait for one reader, and for all of them. */
export interface SinkBounds {
  /** More than this waiting for this reader counts as full. */
  readonly highWaterBytes: number;
  readonly share: QueueShare;
}

/** What both direct ways have in common: when they are full. */
abstract class DirectSink<
  Response extends ServerResponse | Http2ServerResponse,
> extends NodeSink<Response> {
  readonly #writable: Writable;
  readonly #highWaterBytes: number;

  constructor(response: Response, writable: Writable, { highWaterBytes, share }: SinkBounds) {
    super(response, share);
    this.#writable = writable;
    this.#highWaterBytes = Math.max(highWaterBytes, writable.writableHighWaterMark);
  }

  get queuedBytes(): number {
    return this.share.note(this.#writable.writableLength);
  }

  /** What a write has to answer to which `writable` has answered whether it is below its mark. */
  protected hasRoom(isBelowMark: boolean): boolean {
    const { queuedBytes } = this;
    // `false` means no more than that the write was large; often the system has taken all of it.
    if (isBelowMark) return true;
    if (queuedBytes <= (this.share.isMeterFull ? 0 : this.#highWaterBytes)) return true;
    if (!this.isFull) {
      this.isFull = true;
      // Comes for certain: `writable` has just answered `false`.
      this.#writable.once("drain", () => this.onDrain());
    }
    return false;
  }
}

/**
 * Writes chunks of an HTTP/1.1 body directly to the socket that the response owns, so that the same
 * buffer goes to every subscriber and nothing is framed per subscriber.
 *
 * Only for a response whose header has been sent with `Transfer-Encoding: chunked`, and nothing else
 * may write to it. `end` is left to the response, which knows what follows on the connection.
 */
export class SocketSink extends DirectSink<ServerResponse> {
  readonly #socket: Socket;

  constructor(response: ServerResponse, socket: Socket, bounds: SinkBounds) {
    super(response, socket, bounds);
    this.#socket = socket;
  }

  write(frame: Frame): boolean {
    return this.hasRoom(this.#socket.write(frame.chunk));
  }
}

/**
 * Writes bytes directly to the stream of an HTTP/2 response whose header has been sent. What waits
 * there for the reader's flow control counts: one reader that takes nothing fills its own stream,
 * and not those beside it on the connection.
 */
export class Http2Sink extends DirectSink<Http2ServerResponse> {
  constructor(response: Http2ServerResponse, bounds: SinkBounds) {
    super(response, response.stream, bounds);
  }

  write(frame: Frame): boolean {
    return this.hasRoom(this.response.stream.write(frame.bytes));
  }
}

/** Writes bytes through the response: HTTP/1.0, pipelined requests, wrapped responses. */
export class ResponseSink extends NodeSink<ServerResponse | Http2ServerResponse> {
  get queuedBytes(): number {
    return this.share.note(this.response.writableLength);
  }

  write(frame: Frame): boolean {
    const hasRoom = writeTo(this.response, frame.bytes);
    this.share.note(this.response.writableLength);
    if (hasRoom) return true;
    if (!this.isFull) {
      this.isFull = true;
      this.response.once("drain", () => this.onDrain());
    }
    return false;
  }
}

/** One call for each kind: their overloads differ. */
function writeTo(response: ServerResponse | Http2ServerResponse, bytes: Uint8Array): boolean {
  return "stream" in response ? response.write(bytes) : response.write(bytes);
}
