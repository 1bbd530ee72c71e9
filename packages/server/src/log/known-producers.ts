// The producers of one stream that a log in memory remembers.

import type { ProducerStamp } from "./event-log.js";
import {
  findRepeated,
  type ProducerRecord,
  REMEMBERED_PRODUCERS,
  rememberOutcome,
} from "./producer.js";

/**
 * Remembers what became of the newest batches of each producer. Holds at most
 * {@link REMEMBERED_PRODUCERS} of them, those that appended last, and so some 400 KB where batches
 * have no repetitions inside.
 */
export class KnownProducers {
  /** In the order of their last append, the oldest first. */
  readonly #records = new Map<string, ProducerRecord>();

  /** As the function of this name has it. Changes nothing. */
  findRepeated(stamp: ProducerStamp, eventCount: number): readonly number[] | undefined {
    return findRepeated(this.#records.get(stamp.id), stamp, eventCount);
  }

  /** Notes where a batch was stored that was not a repetition. */
  remember(stamp: ProducerStamp, offsets: readonly number[]): void {
    const record = rememberOutcome(this.#records.get(stamp.id), stamp, offsets);
    this.#records.delete(stamp.id);
    this.#records.set(stamp.id, record);
    if (this.#records.size <= REMEMBERED_PRODUCERS) return;
    const [oldest] = this.#records.keys();
    if (oldest !== undefined) this.#records.delete(oldest);
  }

  clear(): void {
    this.#records.clear();
  }
}
