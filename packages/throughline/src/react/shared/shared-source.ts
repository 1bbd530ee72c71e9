// A connection that several readers have in common, for as long as one of them is there and a little
// longer.

import type { StreamSource } from "../options.js";

/** Counts who reads a source, and closes it some time after the last has left. */
export class SharedSource {
  readonly source: StreamSource;
  readonly #lingerMs: number;
  readonly #onClosed: () => void;
  #readers = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(source: StreamSource, lingerMs: number, onClosed: () => void) {
    this.source = source;
    this.#lingerMs = lingerMs;
    this.#onClosed = onClosed;
  }

  get hasReaders(): boolean {
    return this.#readers > 0;
  }

  /**
   * Whether a reader that wants to begin after `cursor` misses nothing here: it has not read anything
   * yet and does not ask for what has been, or it stands where the connection stands.
   */
  isGoodFrom(cursor: string): boolean {
    const { connection, lastEventId } = this.source;
    if (connection.state === "closed" || connection.state === "failed") return false;
    return cursor === "" || cursor === "latest" || cursor === lastEventId;
  }

  take(): void {
    this.#readers += 1;
    clearTimeout(this.#timer);
  }

  leave(): void {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    if (this.#lingerMs > 0) this.#timer = setTimeout(() => this.close(), this.#lingerMs);
    else this.close();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.source.close();
    this.#onClosed();
  }
}
