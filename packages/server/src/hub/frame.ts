// Bytes that are made once and written to many. An event is encoded once, HTTP/1.1 chunk framing
// included; sinks whose transport frames by itself take the part in between.

const LINE_END = Buffer.from("\r\n");

/** A piece of an event stream, ready to be written. Immutable, and shared by all who are sent it. */
export class Frame {
  /** One whole chunk of a chunked body (RFC 9112 §7.1): size, line end, bytes, line end. */
  readonly chunk: Buffer;
  readonly #from: number;

  /**
   * @param chunk a whole chunk
   * @param from where the bytes of the stream begin in it
   */
  constructor(chunk: Buffer, from: number) {
    this.chunk = chunk;
    this.#from = from;
  }

  /** The bytes of the stream alone. Shares memory with {@link chunk}. */
  get bytes(): Uint8Array {
    return this.chunk.subarray(this.#from, this.chunk.length - LINE_END.length);
  }

  /** How many bytes of the stream there are. */
  get byteLength(): number {
    return this.chunk.length - this.#from - LINE_END.length;
  }

  /** Copies the bytes of the stream to `target`, and returns where they end there. */
  copyTo(target: Buffer, at: number): number {
    return at + this.chunk.copy(target, at, this.#from, this.chunk.length - LINE_END.length);
  }
}

/** The frame of some text of an event stream, which must not be empty: an empty chunk ends a body. */
export function encodeFrame(text: string): Frame {
  const { chunk, from } = allocate(Buffer.byteLength(text));
  chunk.write(text, from, "utf8");
  return new Frame(chunk, from);
}

/** Several frames as one, so that a subscriber is sent them in one write. At least one. */
export function joinFrames(frames: readonly Frame[]): Frame {
  const [first] = frames;
  if (first !== undefined && frames.length === 1) return first;
  let byteLength = 0;
  for (const frame of frames) byteLength += frame.byteLength;
  const { chunk, from } = allocate(byteLength);
  let at = from;
  for (const frame of frames) at = frame.copyTo(chunk, at);
  return new Frame(chunk, from);
}

/** A chunk with everything but the bytes of the stream. */
function allocate(byteLength: number): { chunk: Buffer; from: number } {
  const size = `${byteLength.toString(16)}\r\n`;
  const chunk = Buffer.allocUnsafe(size.length + byteLength + LINE_END.length);
  chunk.write(size, 0, "latin1");
  LINE_END.copy(chunk, size.length + byteLength);
  return { chunk, from: size.length };
}
