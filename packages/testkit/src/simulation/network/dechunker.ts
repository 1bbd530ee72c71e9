// Takes the framing off a chunked HTTP body (RFC 9112 §7.1), however its bytes are cut. Written for the
// simulation: the code that is under test frames, and this reads, so they share nothing.

const LINE_FEED = 10;

/** Reads one chunked body. */
export class Dechunker {
  /** Whether the last chunk has come: the body is whole. */
  isOver = false;
  #line = "";
  /** Bytes of the chunk in hand that are still to come. */
  #left = 0;
  #awaits: "size" | "bytes" | "end of chunk" | "end of body" = "size";

  /** Takes bytes, and hands on those that belong to the body. */
  push(bytes: Uint8Array, onBody: (part: Uint8Array) => void): void {
    let at = 0;
    while (at < bytes.length && !this.isOver) {
      if (this.#awaits === "bytes") {
        const part = bytes.subarray(at, at + this.#left);
        at += part.length;
        this.#left -= part.length;
        if (this.#left === 0) this.#awaits = "end of chunk";
        onBody(part);
      } else {
        const byte = bytes[at] ?? 0;
        at += 1;
        if (byte === LINE_FEED) this.#endLine();
        else if (byte !== 13) this.#line += String.fromCharCode(byte);
      }
    }
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = "";
    if (this.#awaits === "end of chunk") this.#awaits = "size";
    else if (this.#awaits === "end of body") this.isOver = true;
    else {
      if (!/^[0-9a-f]+$/i.test(line))
        throw new Error(`No size of a chunk: ${JSON.stringify(line)}`);
      this.#left = Number.parseInt(line, 16);
      this.#awaits = this.#left === 0 ? "end of body" : "bytes";
    }
  }
}
