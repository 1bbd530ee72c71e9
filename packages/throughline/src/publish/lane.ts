// The batches of one producer in one stream: one after the other, each with its sequence.

import { StreamError } from "../core/index.js";
import type { BatchOutcome } from "./send.js";

/**
 * Keeps batches in order. A batch that was refused leaves its sequence to the next one; after a batch
 * of which nobody knows whether it is stored there is no next one, because it might come late, or be
 * published again, behind its successors.
 */
export class Lane {
  #sequence: number;
  #last: Promise<unknown> = Promise.resolve();
  #haltedBy: { readonly error: unknown } | undefined;

  /**
   * @param sequence where to begin: a random number, so that two publishers that were given the same
   *   id and epoch are told so instead of being taken for repetitions of each other
   */
  constructor(sequence: number) {
    this.#sequence = sequence;
  }

  /** Sends a batch when those before it have ended. `send` must not reject. */
  enter(send: (sequence: number) => Promise<BatchOutcome>): Promise<BatchOutcome> {
    const turn = this.#last.then(async (): Promise<BatchOutcome> => {
      if (this.#haltedBy !== undefined) return halted(this.#haltedBy.error);
      const outcome = await send(this.#sequence);
      if (outcome.kind === "published") this.#sequence += 1;
      else if (outcome.mayBeStored) this.#haltedBy = { error: outcome.error };
      return outcome;
    });
    this.#last = turn;
    return turn;
  }
}

function halted(cause: unknown): BatchOutcome {
  const error = new StreamError(
    "Nothing was sent: it is not known whether an earlier batch of this producer was stored. Create " +
      "another publisher with a higher epoch, and publish that batch again first.",
    { code: "invalid-state", fault: "local", cause },
  );
  return { kind: "failed", error, mayBeStored: false };
}
