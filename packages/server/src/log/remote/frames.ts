// Messages as bytes: whatever goes together is one frame, four bytes of length and a list in JSON.
//
// JSON, because it is faster than structured cloning for what goes through here, events one at a time
// (decision 0016 has the numbers), and Node has both ends of it.

/** Bytes before the text of a frame: its length, as an unsigned integer. */
const LENGTH_BYTES = 4;

/** One frame of messages that are JSON texts already. */
export function encodeFrame(texts: readonly string[]): Buffer {
  const text = `[${texts.join(",")}]`;
  const bytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + bytes);
  frame.writeUInt32BE(bytes);
  frame.write(text, LENGTH_BYTES);
  return frame;
}

/** Puts frames together again, however their bytes were cut on the way. */
export class FrameDecoder {
  /** What has come of a frame that is not complete. */
  #parts: Buffer[] = [];
  #held = 0;
  /** Bytes that have to be there before it is worth looking again. */
  #wanted = LENGTH_BYTES;

  /** The messages of all frames that are complete with these bytes. */
  push(chunk: Buffer): unknown[] {
    this.#parts.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted) return [];
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
    const messages: unknown[] = [];
    let at = 0;
    for (;;) {
      this.#wanted = LENGTH_BYTES;
      if (bytes.length - at < LENGTH_BYTES) break;
      this.#wanted += bytes.readUInt32BE(at);
      if (bytes.length - at < this.#wanted) break;
      const text = bytes.toString("utf8", at + LENGTH_BYTES, at + this.#wanted);
      for (const message of JSON.parse(text) as unknown[]) messages.push(message);
      at += this.#wanted;
    }
    this.#parts = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#held = bytes.length - at;
    return messages;
  }
}
