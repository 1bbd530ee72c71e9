// Follows one direction of an HTTP/1.1 connection closely enough to say, for every byte, where in a
// message it stands: whether a head is complete, whether a chunked body could be ended here, whether a
// request begins. It changes, withholds and judges nothing, and knows nothing of what bodies mean.
// Framing: RFC 9112, sections 2 to 7.

/**
 * Where in its connection a byte stream stands.
 *
 * | place | meaning |
 * |---|---|
 * | `between-messages` | nothing is unfinished; the next byte begins a message |
 * | `in-head` | in the start line or the header fields |
 * | `between-chunks` | in a chunked body, where another chunk or the last chunk may follow |
 * | `in-size-line` | in the line that opens a chunk |
 * | `in-chunk` | in the bytes of a chunk |
 * | `after-chunk` | in the line break that closes a chunk |
 * | `in-trailers` | behind the last chunk, before the end of the message |
 * | `in-sized-body` | in a body whose length was announced |
 * | `until-close` | in a body that ends with the connection |
 * | `opaque` | this is not HTTP/1.1, or it broke its rules; nothing is known any more |
 */
export type Place =
  | "between-messages"
  | "in-head"
  | "between-chunks"
  | "in-size-line"
  | "in-chunk"
  | "after-chunk"
  | "in-trailers"
  | "in-sized-body"
  | "until-close"
  | "opaque";

/** A run of bytes of one sort. Segments in order make up the byte stream, with nothing left out. */
export interface Segment {
  readonly bytes: Uint8Array;
  /** `framing` is what chunked coding adds to a body; `payload` is the body itself, or unknown. */
  readonly part: "head" | "framing" | "payload";
  /** Where the stream stands after the last byte. */
  readonly place: Place;
}

/** The head of a message. */
export interface MessageHead {
  /** The request line or the status line, without its line break. */
  readonly startLine: string;
  /** The header fields, names in lower case; of repeated ones the last. */
  readonly fields: ReadonlyMap<string, string>;
}

/** What a framer is told and tells. */
export interface FramerOptions {
  readonly direction: "request" | "response";
  /** Called once for every complete head, before the segment that completes it is returned. */
  readonly onHead?: ((head: MessageHead) => void) | undefined;
  /**
   * Whether a body follows that head at all. The framer of responses cannot know it alone: it
   * depends on the request and the status (RFC 9112, section 6.3). Default: as the fields say.
   */
  readonly mayHaveBody?: ((head: MessageHead) => boolean) | undefined;
}

/** Longer heads are not HTTP for the framer: it stops looking rather than collect for ever. */
const MAX_HEAD_BYTES = 64 * 1024;
/** The same for the line that opens a chunk. */
const MAX_SIZE_LINE_BYTES = 1024;

const CR = 0x0d;
const LF = 0x0a;

/** Labels the bytes of one direction of a connection. Chunks may be cut anywhere. */
export class Framer {
  readonly #options: FramerOptions;
  #place: Place = "between-messages";
  /** Text of the head or of the size line so far. */
  #text = "";
  /** Bytes still to come of the chunk or of the sized body. */
  #remaining = 0;
  /**
   * The present line of a head or of trailers so far. Empty lines `before` a start line count for
   * nothing (RFC 9112, section 2.2).
   */
  #line: "before" | "empty" | "filled" = "before";

  constructor(options: FramerOptions) {
    this.#options = options;
  }

  /** Where the stream stands after everything pushed so far. */
  get place(): Place {
    return this.#place;
  }

  /** Takes the next bytes and returns them as segments; the segments share the chunk's memory. */
  push(chunk: Uint8Array): Segment[] {
    const segments: Segment[] = [];
    let at = 0;
    while (at < chunk.length) {
      const start = at;
      const part = this.#part();
      at = this.#advance(chunk, at);
      segments.push({ bytes: chunk.subarray(start, at), part, place: this.#place });
    }
    return segments;
  }

  #part(): Segment["part"] {
    switch (this.#place) {
      case "between-messages":
      case "in-head":
        return "head";
      case "between-chunks":
      case "in-size-line":
      case "after-chunk":
      case "in-trailers":
        return "framing";
      case "in-chunk":
      case "in-sized-body":
      case "until-close":
      case "opaque":
        return "payload";
    }
  }

  /** Takes at least one byte from `at`, moves on to the next place, and returns where it stopped. */
  #advance(chunk: Uint8Array, at: number): number {
    switch (this.#place) {
      case "between-messages":
        this.#text = "";
        this.#line = "before";
        this.#place = "in-head";
        return this.#takeHead(chunk, at);
      case "in-head":
        return this.#takeHead(chunk, at);
      case "between-chunks":
        this.#text = "";
        this.#place = "in-size-line";
        return this.#takeSizeLine(chunk, at);
      case "in-size-line":
        return this.#takeSizeLine(chunk, at);
      case "in-chunk":
        return this.#takeCounted(chunk, { at, next: "after-chunk" });
      case "after-chunk":
        return this.#takeChunkEnd(chunk, at);
      case "in-trailers":
        return this.#takeTrailers(chunk, at);
      case "in-sized-body":
        return this.#takeCounted(chunk, { at, next: "between-messages" });
      case "until-close":
      case "opaque":
        return chunk.length;
    }
  }

  #takeHead(chunk: Uint8Array, from: number): number {
    const end = this.#findEmptyLine(chunk, from);
    const stop = end ?? chunk.length;
    this.#text += latin1(chunk.subarray(from, stop));
    if (end !== undefined) this.#finishHead();
    else if (this.#text.length > MAX_HEAD_BYTES) this.#place = "opaque";
    return stop;
  }

  #finishHead(): void {
    const head = parseHead(this.#text);
    this.#text = "";
    if (!isStartLine(this.#options.direction, head.startLine)) {
      this.#place = "opaque";
      return;
    }
    this.#options.onHead?.(head);
    this.#place = this.#placeOfBody(head);
  }

  #placeOfBody({ startLine, fields }: MessageHead): Place {
    if (this.#options.mayHaveBody?.({ startLine, fields }) === false) return "between-messages";
    if (/(?:^|[\s,])chunked$/i.test(fields.get("transfer-encoding") ?? "")) return "between-chunks";
    const length = fields.get("content-length");
    if (length === undefined) {
      return this.#options.direction === "request" ? "between-messages" : "until-close";
    }
    if (!/^\d{1,15}$/.test(length)) return "opaque";
    this.#remaining = Number(length);
    return this.#remaining === 0 ? "between-messages" : "in-sized-body";
  }

  #takeSizeLine(chunk: Uint8Array, from: number): number {
    const end = chunk.indexOf(LF, from);
    const stop = end === -1 ? chunk.length : end + 1;
    this.#text += latin1(chunk.subarray(from, stop));
    if (end === -1) {
      if (this.#text.length > MAX_SIZE_LINE_BYTES) this.#place = "opaque";
      return stop;
    }
    const size = /^([0-9a-f]{1,13})[\t ]*(?:;.*)?\r?\n$/i.exec(this.#text)?.[1];
    this.#remaining = Number.parseInt(size ?? "0", 16);
    this.#line = "empty";
    if (size === undefined) this.#place = "opaque";
    else this.#place = this.#remaining === 0 ? "in-trailers" : "in-chunk";
    return stop;
  }

  #takeCounted(chunk: Uint8Array, { at, next }: { at: number; next: Place }): number {
    const stop = Math.min(chunk.length, at + this.#remaining);
    this.#remaining -= stop - at;
    if (this.#remaining === 0) this.#place = next;
    return stop;
  }

  #takeChunkEnd(chunk: Uint8Array, at: number): number {
    const stop = chunk[at] === CR ? at + 1 : at;
    if (stop === chunk.length) return stop;
    this.#place = chunk[stop] === LF ? "between-chunks" : "opaque";
    return stop + 1;
  }

  #takeTrailers(chunk: Uint8Array, from: number): number {
    const end = this.#findEmptyLine(chunk, from);
    if (end !== undefined) this.#place = "between-messages";
    return end ?? chunk.length;
  }

  /** Where the empty line ends that closes a head or the trailers; `undefined`: not yet. */
  #findEmptyLine(chunk: Uint8Array, from: number): number | undefined {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === LF && this.#line === "empty") return at + 1;
      if (byte === LF && this.#line === "filled") this.#line = "empty";
      else if (byte !== LF && byte !== CR) this.#line = "filled";
    }
    return undefined;
  }
}

function parseHead(text: string): MessageHead {
  const [startLine = "", ...lines] = text.trimStart().split(/\r?\n/);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { startLine, fields };
}

function isStartLine(direction: FramerOptions["direction"], line: string): boolean {
  return direction === "request" ? / HTTP\/1\.\d$/.test(line) : /^HTTP\/1\.\d \d{3}/.test(line);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
