// How many bytes wait in the process for readers to take them, over all connections.

/** What of `maxQueuedBytes` is left by the readers that are cut off when it is exceeded. */
const RELIEVED_SHARE = 0.9;

/** A connection as the meter sees it. */
export interface QueuedReader {
  /** Reading it brings the meter up to date. */
  readonly queuedBytes: number;
  /** Ends the connection now; its reader comes back with its cursor. */
  cut(): void;
}

/**
 * Adds up what waits for all readers. What grows is seen at once, because it grows by writes alone;
 * what the readers have taken is seen later, so that the sum is never too small.
 */
export class QueueMeter {
  readonly #maxQueuedBytes: number;
  /** Called when the sum has gone beyond the limit; not again until {@link relieve}. */
  onExceeded: () => void = () => {};
  #queuedBytes = 0;
  #isExceeded = false;
  #shedTotal = 0;

  constructor(maxQueuedBytes: number) {
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  /** Whether more waits than may. Nobody is handed history meanwhile, and whatever waits is too much. */
  get isFull(): boolean {
    return this.#queuedBytes > this.#maxQueuedBytes;
  }

  /** Connections that were cut off to make room, since the start. */
  get shedTotal(): number {
    return this.#shedTotal;
  }

  /** One connection has so many bytes more, or less, than it had before. */
  adjust(bytes: number): void {
    this.#queuedBytes += bytes;
    if (this.#isExceeded || !this.isFull) return;
    this.#isExceeded = true;
    this.onExceeded();
  }

  /**
   * Counts anew, and cuts off the readers with the most waiting, until a tenth of the limit is free again:
   * so that the next look at all connections is as far away as it takes to fill that.
   */
  relieve(readers: readonly QueuedReader[]): void {
    const bySize = readers.map((reader) => ({ reader, bytes: reader.queuedBytes }));
    if (this.isFull) {
      bySize.sort((one, other) => other.bytes - one.bytes);
      for (const { reader } of bySize) {
        if (this.#queuedBytes <= this.#maxQueuedBytes * RELIEVED_SHARE) break;
        this.#shedTotal += 1;
        reader.cut();
      }
    }
    this.#isExceeded = false;
  }
}

/** The part of one connection. */
export class QueueShare {
  readonly #meter: QueueMeter;
  #bytes = 0;
  #isClosed = false;

  constructor(meter: QueueMeter) {
    this.#meter = meter;
  }

  /** Whether more waits for all readers than may. */
  get isMeterFull(): boolean {
    return this.#meter.isFull;
  }

  /** So many bytes wait now. Returns them; none once the share is closed. */
  note(bytes: number): number {
    if (this.#isClosed) return 0;
    const change = bytes - this.#bytes;
    if (change !== 0) {
      this.#bytes = bytes;
      this.#meter.adjust(change);
    }
    return bytes;
  }

  /** The connection is over, and nothing waits for it any more. */
  close(): void {
    this.note(0);
    this.#isClosed = true;
  }
}
