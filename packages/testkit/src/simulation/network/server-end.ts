// The server's end of one exchange, in the shape in which Node hands requests and responses to the hub. The
// socket has room for so much, as sockets do, and says when it has none.

import { EventEmitter } from "node:events";
import { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Head } from "./client-end.js";

/** Where what is written to a response goes. */
export interface ServerWire {
  sendHead(head: Head): void;
  send(bytes: Uint8Array): void;
  /** The server breaks the connection. */
  reset(): void;
  /** The server is done with it; nothing more comes from either side. */
  release(): void;
  /** Runs later, in the server's process. */
  later(task: () => void): void;
}

/** What a client asks. */
export interface SimulatedQuestion {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Below this many waiting bytes `write` says that there is room: Node's own mark for sockets. */
const HIGH_WATER_BYTES = 16_384;

/** The part of a socket that a hub uses. */
export class SimulatedSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly writableHighWaterMark = HIGH_WATER_BYTES;
  readonly #wire: ServerWire;
  readonly #windowBytes: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #inFlightBytes = 0;
  #owesDrain = false;
  #onEmpty: (() => void) | undefined;
  #isOver = false;
  #isPumping = false;

  /** @param windowBytes as much may be on its way without the client having taken it */
  constructor(wire: ServerWire, windowBytes: number, remoteAddress: string) {
    super();
    this.#wire = wire;
    this.#windowBytes = windowBytes;
    this.remoteAddress = remoteAddress;
  }

  get writableLength(): number {
    return this.#waitingBytes;
  }

  cork(): void {}
  uncork(): void {}

  write(chunk: Uint8Array): boolean {
    if (this.#isOver) return false;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#pump();
    const hasRoom = this.#waitingBytes < HIGH_WATER_BYTES;
    if (!hasRoom) this.#owesDrain = true;
    return hasRoom;
  }

  /** The client has taken so many bytes, and says so. */
  acknowledge(byteLength: number): void {
    this.#inFlightBytes -= byteLength;
    this.#pump();
  }

  /** Calls back, once, when everything written so far has left. */
  whenEmpty(task: () => void): void {
    this.#onEmpty = task;
    this.#pump();
  }

  /** Nothing more can be written, and nobody waits for anything. */
  shut(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Sends what there is room for. Whoever takes it may say so before this returns: then the loop goes on with it. */
  #pump(): void {
    if (this.#isOver || this.#isPumping) return;
    this.#isPumping = true;
    for (;;) {
      const [chunk] = this.#waiting;
      const room = this.#windowBytes - this.#inFlightBytes;
      if (chunk === undefined || room <= 0) break;
      if (chunk.length <= room) this.#waiting.shift();
      else this.#waiting[0] = chunk.subarray(room);
      const part = chunk.length <= room ? chunk : chunk.subarray(0, room);
      this.#waitingBytes -= part.length;
      this.#inFlightBytes += part.length;
      this.#wire.send(part);
    }
    this.#isPumping = false;
    if (this.#waitingBytes > 0) return;
    if (this.#owesDrain) {
      this.#owesDrain = false;
      this.#wire.later(() => this.#isOver || this.emit("drain"));
    }
    const onEmpty = this.#onEmpty;
    this.#onEmpty = undefined;
    if (onEmpty !== undefined) this.#wire.later(onEmpty);
  }
}

/**
 * A request as `node:http` would have made it. The body has come as a whole: a slow one is of no interest
 * here. Whoever listens for its end is told of it at once, because Node's own streams take several ticks, and
 * the clock of the simulation waits for one.
 */
export class SimulatedRequest extends IncomingMessage {
  readonly #body: string | undefined;

  constructor(socket: SimulatedSocket, question: SimulatedQuestion) {
    super(socket as unknown as Socket);
    this.httpVersion = "1.1";
    this.method = question.method;
    this.url = question.target;
    this.headers = question.headers;
    this.#body = question.body;
  }

  override on(name: string | symbol, listener: (...args: never[]) => void): this {
    EventEmitter.prototype.on.call(this, name, listener as (...args: unknown[]) => void);
    if (name === "end") queueMicrotask(() => this.#bring());
    return this;
  }

  #bring(): void {
    if (this.#body !== undefined) this.emit("data", Buffer.from(this.#body));
    this.emit("end");
  }
}

/** The part of `ServerResponse` that a hub uses. */
export class SimulatedResponse extends EventEmitter {
  readonly socket: SimulatedSocket;
  destroyed = false;
  readonly #wire: ServerWire;
  #head: Head | undefined;

  constructor(socket: SimulatedSocket, wire: ServerWire) {
    super();
    this.socket = socket;
    this.#wire = wire;
  }

  writeHead(status: number, headers: Readonly<Record<string, string>>): this {
    this.#head = { status, headers };
    return this;
  }

  flushHeaders(): void {
    if (this.#head !== undefined) this.#wire.sendHead(this.#head);
  }

  /** A whole answer, or the end of one of which chunks have been written to the socket. */
  end(last: string | (() => void)): this {
    if (typeof last === "string") {
      this.flushHeaders();
      const bytes = Buffer.from(last);
      if (bytes.length > 0) {
        this.socket.write(Buffer.from(`${bytes.length.toString(16)}\r\n${last}\r\n`));
      }
    }
    this.socket.write(Buffer.from("0\r\n\r\n"));
    this.socket.whenEmpty(() => {
      if (this.destroyed) return;
      if (typeof last === "function") last();
      this.#close();
    });
    return this;
  }

  destroy(): this {
    if (this.destroyed) return this;
    this.#wire.reset();
    this.#wire.later(() => this.#close());
    return this;
  }

  /** The client has gone. */
  lose(): void {
    this.#close();
  }

  #close(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.socket.shut();
    this.#wire.release();
    this.emit("close");
  }
}
