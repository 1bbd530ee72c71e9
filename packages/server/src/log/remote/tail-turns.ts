// Whose turn it is to read history for another process: few at a time, and nobody while it is full.

/** Pages that are being read at a time, of up to 256 KB each. */
const MOST_READS = 4;

/** Someone who waits to read a page. Rejects never. */
export type PageReader = () => Promise<void>;

/** A row of readers of one channel, first come, first served. */
export class TailTurns {
  readonly #hasRoom: () => boolean;
  readonly #waiting = new Set<PageReader>();
  #reading = 0;

  /** @param hasRoom whether the other process may be sent more; `proceed` is called when it may again */
  constructor(hasRoom: () => boolean) {
    this.#hasRoom = hasRoom;
  }

  /** Lets a reader read one page when it is its turn. */
  ask(reader: PageReader): void {
    this.#waiting.add(reader);
    this.proceed();
  }

  /** Takes a reader out of the row. */
  leave(reader: PageReader): void {
    this.#waiting.delete(reader);
  }

  /** Goes on where there is room. */
  proceed(): void {
    for (const reader of this.#waiting) {
      if (this.#reading >= MOST_READS || !this.#hasRoom()) return;
      this.#waiting.delete(reader);
      this.#reading += 1;
      void reader().finally(() => {
        this.#reading -= 1;
        this.proceed();
      });
    }
  }
}
