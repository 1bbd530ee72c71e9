// The bound on what all streams of a memory log hold together.

import type { MemoryStream } from "./memory-stream.js";

/** Counts the bytes of all streams and makes those give way that were used least recently. */
export class MemoryBudget {
  readonly #maxBytes: number;
  /** What each stream that holds events held when it was counted, in the order of last use. */
  readonly #held = new Map<MemoryStream, number>();
  #bytes = 0;

  /**
   * @param maxBytes at least what one stream may hold, so that the one in use never has to give way
   */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Counts a stream that was just used, and shrinks others as far as needed. Amortised O(1). */
  settle(stream: MemoryStream): void {
    this.#count(stream);
    for (const [oldest, held] of this.#held) {
      if (this.#bytes <= this.#maxBytes) return;
      oldest.shrinkTo(Math.max(0, held - (this.#bytes - this.#maxBytes)));
      const freed = held - oldest.heldBytes;
      this.#bytes -= freed;
      if (oldest.heldBytes === 0) this.#held.delete(oldest);
      else this.#held.set(oldest, oldest.heldBytes);
    }
  }

  #count(stream: MemoryStream): void {
    const held = stream.heldBytes;
    this.#bytes += held - (this.#held.get(stream) ?? 0);
    this.#held.delete(stream);
    if (held > 0) this.#held.set(stream, held);
  }
}
