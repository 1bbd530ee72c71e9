// Follows the bytes of a stream from outside: where its blocks end, what each says it is, and which id it
// leaves the reader with.

const CR = 13;
const LF = 10;
/** What is kept of a line: more than any id or type that is of use. */
const KEPT_BYTES = 8192;
const FIELD = /^(id|event|topic)(?:: ?(.*))?$/s;

/** A block that has ended. */
export interface ScannedBlock {
  /** Where it ends in the chunk that it ends in. */
  readonly end: number;
  /** Its `event` field; empty for none. */
  readonly type: string;
  /** The topic of its event, where the server tells it. */
  readonly topic: string | undefined;
  /** The id that a reader has after it; empty where there was none yet. */
  readonly lastId: string;
}

/** Scans one response. */
export class BlockScanner {
  /** Whether no block has begun that has not ended. */
  isBetweenBlocks = true;
  lastId = "";
  readonly #line: number[] = [];
  readonly #decoder = new TextDecoder();
  #lineLength = 0;
  #isAfterCr = false;
  #id: string | undefined;
  #type = "";
  #topic: string | undefined;

  /** Reads a chunk and returns the blocks that end in it. */
  scan(chunk: Uint8Array): readonly ScannedBlock[] {
    const blocks: ScannedBlock[] = [];
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      const isSecondHalf = byte === LF && this.#isAfterCr;
      this.#isAfterCr = byte === CR;
      if (isSecondHalf) continue;
      if (byte !== CR && byte !== LF) {
        this.isBetweenBlocks = false;
        if (this.#lineLength < KEPT_BYTES) this.#line.push(byte);
        this.#lineLength += 1;
        continue;
      }
      if (this.#lineLength === 0) blocks.push(this.#endBlock(at + 1));
      else this.#endLine();
    }
    return blocks;
  }

  #endLine(): void {
    const [, name, value = ""] =
      FIELD.exec(this.#decoder.decode(Uint8Array.from(this.#line))) ?? [];
    this.#line.length = 0;
    this.#lineLength = 0;
    if (name === "event") this.#type = value;
    if (name === "topic") this.#topic = value;
    // An id with NUL is none (HTML standard, §9.2.6).
    if (name === "id" && !value.includes("\0")) this.#id = value;
  }

  #endBlock(end: number): ScannedBlock {
    this.lastId = this.#id ?? this.lastId;
    const block = { end, type: this.#type, topic: this.#topic, lastId: this.lastId };
    this.#type = "";
    this.#topic = undefined;
    this.#id = undefined;
    this.isBetweenBlocks = true;
    return block;
  }
}
