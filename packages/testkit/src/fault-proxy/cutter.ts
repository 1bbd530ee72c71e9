// Finds the byte behind which a stream is to be cut, however the stream is split into chunks.

/** What to look for. */
export interface CutterOptions {
  readonly pattern: Uint8Array;
  /** Bytes behind the pattern that still belong to the part that goes through. */
  readonly plusBytes: number;
  /** Matches to let pass first; matches may overlap. */
  readonly skip: number;
}

/** Looks for one cut in one byte stream (Knuth, Morris and Pratt: linear, nothing is looked at twice). */
export class Cutter {
  readonly #pattern: Uint8Array;
  readonly #fallback: Uint32Array;
  #matched = 0;
  #skip: number;
  /** Bytes still to let through once the match was found. */
  #plusBytes: number;
  #isFound = false;

  constructor(options: CutterOptions) {
    this.#pattern = options.pattern;
    this.#fallback = fallbackTable(options.pattern);
    this.#skip = options.skip;
    this.#plusBytes = options.plusBytes;
  }

  /** Takes the next bytes; returns how many of them come before the cut, or `undefined`: all, no cut. */
  push(bytes: Uint8Array): number | undefined {
    let at = 0;
    while (!this.#isFound) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      this.#isFound = this.#match(byte);
    }
    const rest = bytes.length - at;
    if (rest < this.#plusBytes) {
      this.#plusBytes -= rest;
      return undefined;
    }
    return at + this.#plusBytes;
  }

  #match(byte: number): boolean {
    while (this.#matched > 0 && this.#pattern[this.#matched] !== byte) {
      this.#matched = this.#fallback[this.#matched - 1] ?? 0;
    }
    if (this.#pattern[this.#matched] === byte) this.#matched += 1;
    if (this.#matched < this.#pattern.length) return false;
    this.#matched = this.#fallback[this.#matched - 1] ?? 0;
    this.#skip -= 1;
    return this.#skip < 0;
  }
}

/** For every prefix of the pattern: the length of its longest proper prefix that is also its end. */
function fallbackTable(pattern: Uint8Array): Uint32Array {
  const table = new Uint32Array(pattern.length);
  let length = 0;
  for (let at = 1; at < pattern.length; at += 1) {
    while (length > 0 && pattern[length] !== pattern[at]) length = table[length - 1] ?? 0;
    if (pattern[length] === pattern[at]) length += 1;
    table[at] = length;
  }
  return table;
}
