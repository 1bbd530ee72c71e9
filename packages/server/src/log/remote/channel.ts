// A way for messages between two processes, over a pair of connected sockets.

import type { Duplex } from "node:stream";
import { encodeFrame, FrameDecoder } from "./frames.js";

/** What one end of a channel is told. */
export interface ChannelListener {
  /** Messages that came together, in the order in which they were sent. At least one. */
  take(messages: readonly unknown[]): void;
  /** What waited has been taken by the other side, after {@link LogChannel.isFull} was true. */
  onRoom(): void;
  /** The other side is gone, or this one was closed. Nothing comes after it. */
  onClosed(): void;
}

/**
 * One end of a way for messages: in order, each once, until it breaks. Values are those of JSON; what
 * is `undefined` in an object is not there on the other side.
 */
export interface LogChannel {
  /** Begins. Messages that came before wait for it. */
  open(listener: ChannelListener): void;
  /**
   * Sends a message, as it is at this moment. What is sent in one turn of the event loop goes as one
   * write, unless it is large. After the end it does nothing.
   */
  send(message: unknown): void;
  /** Whether so much waits for the other side that whatever can wait should. */
  readonly isFull: boolean;
  /** Takes no more messages for now. The other side notices when its own end is full. */
  hold(): void;
  /** Takes messages again. */
  resume(): void;
  close(): void;
}

/**
 * Bytes that may wait for the other process before tails stop to send: some thousand events, which is a
 * few milliseconds of its work, and far more than a turn of the event loop brings.
 */
const HIGH_WATER_BYTES = 1024 * 1024;

/** Characters of messages that are not kept for the end of the turn: a frame is held whole in memory. */
const FRAME_CHARACTERS = 256 * 1024;

/**
 * Makes a channel of a connected socket. Its other end has to be one, too.
 *
 * @param socket nobody else may read from it or write to it
 */
export function createLogChannel(socket: Duplex): LogChannel {
  return new SocketChannel(socket);
}

class SocketChannel implements LogChannel {
  readonly #socket: Duplex;
  readonly #decoder = new FrameDecoder();
  /** Texts of this turn. */
  #texts: string[] = [];
  #textLength = 0;
  #wasFull = false;
  #isClosed = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  get isFull(): boolean {
    const isFull = this.#socket.writableLength + this.#textLength >= HIGH_WATER_BYTES;
    this.#wasFull ||= isFull;
    return isFull;
  }

  open(listener: ChannelListener): void {
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => {
      const messages = this.#decoder.push(chunk);
      if (messages.length > 0 && !this.#isClosed) listener.take(messages);
    });
    socket.on("drain", () => {
      if (!this.#wasFull || this.#isClosed) return;
      this.#wasFull = false;
      listener.onRoom();
    });
    // A socket that fails is closed, and whoever is at the end is told so.
    socket.on("error", () => {});
    socket.on("end", () => this.close());
    socket.once("close", () => {
      this.#isClosed = true;
      listener.onClosed();
    });
  }

  send(message: unknown): void {
    if (this.#isClosed) return;
    if (this.#texts.length === 0) setImmediate(() => this.#flush());
    const text = JSON.stringify(message);
    this.#texts.push(text);
    this.#textLength += text.length;
    if (this.#textLength >= FRAME_CHARACTERS) this.#flush();
  }

  hold(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #flush(): void {
    const texts = this.#texts;
    if (texts.length === 0) return;
    this.#texts = [];
    this.#textLength = 0;
    if (!this.#isClosed) this.#socket.write(encodeFrame(texts));
  }
}
