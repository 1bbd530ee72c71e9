// Sinks over node:http and node:http2. Three ways to write a body: the shared chunk straight to the
// socket, the bytes straight to the HTTP/2 stream, or, where neither is possible, through the response.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { Frame } from "./frame.js";
import { takeFromHttp } from "./lean-server.js";
import { type QueueMeter, QueueShare } from "./limits/queue-meter.js";
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

/** What all ways have in common: whom they tell of what. Is its own share: an object less for each reader. */
abstract class NodeSink extends QueueShare implements Sink {
  isFull = false;
  protected owner: SinkOwner | undefined;

  attach(owner: SinkOwner): void {
    this.owner = owner;
  }

  abstract write(frame: Frame): boolean;

  abstract get queuedBytes(): number;

  abstract end(): void;

  abstract destroy(): void;

  /** The connection is gone, also where the response has not noticed. */
  lose(): void {
    this.close();
    this.owner?.onLost();
  }

  protected onDrain(): void {
    this.isFull = false;
    this.owner?.onWritable();
  }
}

/** Listens to a response for its end. */
function watchEnd(response: ServerResponse | Http2ServerResponse, sink: NodeSink): void {
  response.once("close", () => sink.lose());
  response.on("error", ignore);
  // A stream that its reader resets without an error is closed by Node only when all that waits has
  // been taken, which never happens.
  if ("stream" in response) response.stream.once("aborted", () => response.stream.destroy());
}

/** A response that breaks is also closed, which is what counts; the event must have a listener. */
function ignore(): void {}

/** How much may wait for one reader, and for all of them. */
export interface SinkBounds {
  /** More than this waiting for this reader counts as full. */
  readonly highWaterBytes: number;
  readonly meter: QueueMeter;
}

/** What both direct ways have in common: when they are full. */
abstract class DirectSink<W extends Writable> extends NodeSink {
  protected readonly writable: W;
  readonly #highWaterBytes: number;

  constructor(writable: W, { highWaterBytes, meter }: SinkBounds) {
    super(meter);
    this.writable = writable;
    this.#highWaterBytes = Math.max(highWaterBytes, writable.writableHighWaterMark);
  }

  get queuedBytes(): number {
    return this.note(this.writable.writableLength);
  }

  /** What a write has to answer to which `writable` has answered whether it is below its mark. */
  protected hasRoom(isBelowMark: boolean): boolean {
    const { queuedBytes } = this;
    // `false` means no more than that the write was large; often the system has taken all of it.
    if (isBelowMark) return true;
    if (queuedBytes <= (this.isMeterFull ? 0 : this.#highWaterBytes)) return true;
    if (!this.isFull) {
      this.isFull = true;
      // Comes for certain: `writable` has just answered `false`.
      this.writable.once("drain", () => this.onDrain());
    }
    return false;
  }
}

/**
 * Writes chunks of an HTTP/1.1 body directly to the socket that the response owns, so that the same
 * buffer goes to every subscriber and nothing is framed per subscriber.
 *
 * Only for a response whose header has been sent with `Transfer-Encoding: chunked`, and nothing else
 * may write to it. `end` is left to the response, which knows what follows on the connection, as long as
 * there is one: once the socket has been taken out of node:http nothing follows.
 */
export class SocketSink extends DirectSink<Socket> {
  #response: ServerResponse | undefined;

  constructor(response: ServerResponse, socket: Socket, bounds: SinkBounds) {
    super(socket, bounds);
    this.#response = response;
  }

  override attach(owner: SinkOwner): void {
    super.attach(owner);
    if (this.#response !== undefined) watchEnd(this.#response, this);
  }

  write(frame: Frame): boolean {
    return this.hasRoom(this.writable.write(frame.chunk));
  }

  end(): void {
    const flushed = () => this.owner?.onFlushed();
    if (this.#response !== undefined) {
      this.#response.end(flushed);
      return;
    }
    this.writable.end(LAST_CHUNK, () => {
      flushed();
      this.writable.destroy();
    });
  }

  destroy(): void {
    this.close();
    if (this.#response === undefined) this.writable.destroy();
    else breakOff(this.#response);
  }

  /** Keeps no more than the socket of a connection, where that is possible. Not in the request's turn. */
  takeSocket(request: IncomingMessage): void {
    const response = this.#response;
    // The one listener of its own is that of `attach`.
    if (response === undefined || !takeFromHttp(request, response, this, 1)) return;
    this.#response = undefined;
    const socket = this.writable;
    socket.on("error", ignore);
    // Comes once; a listener for one time is twice as large.
    socket.on("end", hangUp);
    // Whatever a reader sends behind its request is read, so that its end is noticed, and dropped.
    socket.resume();
  }
}

/** What ends a chunked body (RFC 9112 §7.1). */
const LAST_CHUNK = "0\r\n\r\n";

/** A reader that has closed its side does not read either: the server of node:http ends it as well. */
function hangUp(this: Socket): void {
  this.destroy();
}

/** What the response of HTTP/2 and every response that is written through have in common. */
function endResponse(
  response: ServerResponse | Http2ServerResponse,
  owner: SinkOwner | undefined,
): void {
  response.end(() => owner?.onFlushed());
}

/**
 * Writes bytes directly to the stream of an HTTP/2 response whose header has been sent. What waits
 * there for the reader's flow control counts: one reader that takes nothing fills its own stream,
 * and not those beside it on the connection.
 */
export class Http2Sink extends DirectSink<Writable> {
  readonly #response: Http2ServerResponse;

  constructor(response: Http2ServerResponse, bounds: SinkBounds) {
    super(response.stream, bounds);
    this.#response = response;
  }

  override attach(owner: SinkOwner): void {
    super.attach(owner);
    watchEnd(this.#response, this);
  }

  write(frame: Frame): boolean {
    return this.hasRoom(this.writable.write(frame.bytes));
  }

  end(): void {
    endResponse(this.#response, this.owner);
  }

  destroy(): void {
    this.close();
    breakOff(this.#response);
  }
}

/** Writes bytes through the response: HTTP/1.0, pipelined requests, wrapped responses. */
export class ResponseSink extends NodeSink {
  readonly #response: ServerResponse | Http2ServerResponse;

  constructor(response: ServerResponse | Http2ServerResponse, meter: QueueMeter) {
    super(meter);
    this.#response = response;
  }

  override attach(owner: SinkOwner): void {
    super.attach(owner);
    watchEnd(this.#response, this);
  }

  get queuedBytes(): number {
    return this.note(this.#response.writableLength);
  }

  write(frame: Frame): boolean {
    const hasRoom = writeTo(this.#response, frame.bytes);
    this.note(this.#response.writableLength);
    if (hasRoom) return true;
    if (!this.isFull) {
      this.isFull = true;
      this.#response.once("drain", () => this.onDrain());
    }
    return false;
  }

  end(): void {
    endResponse(this.#response, this.owner);
  }

  destroy(): void {
    this.close();
    breakOff(this.#response);
  }
}

/** One call for each kind: their overloads differ. */
function writeTo(response: ServerResponse | Http2ServerResponse, bytes: Uint8Array): boolean {
  return "stream" in response ? response.write(bytes) : response.write(bytes);
}
