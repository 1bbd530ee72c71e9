// Responses that are changed on their way: another head, or a body that is compressed.

import { constants, crc32, deflateRawSync } from "node:zlib";
import type { LastingFault, RewriteHeadFault } from "./fault.js";
import type { Segment } from "./framer.js";

/** Changes one response. */
export interface Rewriter {
  /** What is sent in place of the next piece; nothing, where it is empty. */
  push(piece: Segment): Uint8Array;
}

/** The rewriter of a response that begins under this fault; `undefined` where it is left alone. */
export function createRewriter(fault: LastingFault): Rewriter | undefined {
  if (fault.kind === "rewrite-head") return new HeadRewriter(fault);
  return fault.kind === "gzip" ? new Compressor() : undefined;
}

const NOTHING = new Uint8Array(0);

/** Collects a head; what it is then is up to the function that is given. */
class HeadCollector {
  #text = "";

  /** `undefined` until the head is complete, then its lines, without the empty one. */
  push({ bytes, place }: Segment): readonly string[] | undefined {
    this.#text += Buffer.from(bytes).toString("latin1");
    return place === "in-head" ? undefined : this.#text.trimEnd().split(/\r?\n/);
  }
}

function encodeHead(lines: readonly string[]): Uint8Array {
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

function nameOf(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf(":"))).toLowerCase();
}

function without(lines: readonly string[], names: readonly string[]): readonly string[] {
  return lines.filter((line, at) => at === 0 || !names.includes(nameOf(line)));
}

/** `100 Continue` and its like are no answers yet. */
function isInterim([statusLine = ""]: readonly string[]): boolean {
  return /^HTTP\/1\.\d 1/.test(statusLine);
}

class HeadRewriter implements Rewriter {
  readonly #fault: RewriteHeadFault;
  readonly #head = new HeadCollector();

  constructor(fault: RewriteHeadFault) {
    this.#fault = fault;
  }

  push(piece: Segment): Uint8Array {
    if (piece.part !== "head") return piece.bytes;
    const lines = this.#head.push(piece);
    if (lines === undefined) return NOTHING;
    return encodeHead(isInterim(lines) ? lines : this.#changed(lines));
  }

  #changed(lines: readonly string[]): readonly string[] {
    const { status, headers = {}, remove = [] } = this.#fault;
    const names = [...remove, ...Object.keys(headers)].map((name) => name.toLowerCase());
    const [statusLine = "", ...fields] = without(lines, names);
    return [
      status === undefined ? statusLine : statusLine.replace(/ \d{3}/, ` ${status}`),
      ...fields,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
  }
}

/** What begins a gzip file that says nothing of itself (RFC 1952, section 2.3). */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
/** An empty block of deflate that is the last one (RFC 1951, section 3.2.4). */
const LAST_BLOCK = Uint8Array.of(1, 0, 0, 255, 255);

/**
 * Compresses a chunked body piece by piece, so that every piece can be read as soon as it has come: what a proxy
 * does that compresses streams and flushes.
 */
class Compressor implements Rewriter {
  readonly #head = new HeadCollector();
  #isActive = false;
  #checksum = 0;
  #length = 0;

  push(piece: Segment): Uint8Array {
    if (piece.part === "head") return this.#startWith(piece);
    if (!this.#isActive) return piece.bytes;
    if (piece.part === "payload") return this.#compress(piece.bytes);
    return piece.place === "between-messages" ? this.#end() : NOTHING;
  }

  #startWith(piece: Segment): Uint8Array {
    const lines = this.#head.push(piece);
    if (lines === undefined) return NOTHING;
    const isEncoded = lines.some((line) => nameOf(line) === "content-encoding");
    // A body of another sort has an end that this could not move.
    if (piece.place !== "between-chunks" || isEncoded) return encodeHead(lines);
    this.#isActive = true;
    const head = encodeHead([...lines, "Content-Encoding: gzip"]);
    return Buffer.concat([head, chunk(GZIP_HEADER)]);
  }

  #compress(bytes: Uint8Array): Uint8Array {
    this.#checksum = crc32(bytes, this.#checksum);
    this.#length += bytes.length;
    // Each block stands for itself, and so begins without a memory of the one before.
    return chunk(deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }));
  }

  #end(): Uint8Array {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#checksum, 0);
    trailer.writeUInt32LE(this.#length % 2 ** 32, 4);
    return Buffer.concat([chunk(LAST_BLOCK), chunk(trailer), Buffer.from("0\r\n\r\n")]);
  }
}

function chunk(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from("\r\n"),
  ]);
}
