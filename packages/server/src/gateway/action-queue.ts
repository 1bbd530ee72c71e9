// Carries out what an intake says, one after the other; what has to be stored while something is being
// stored goes together into the next batch. A disk takes a batch in the time of one event.

import type { NewEvent } from "../log/index.js";
import type { IntakeAction } from "./intake.js";

/** What is done with actions. */
export interface ActionPerformer {
  /** Stores events, all or none. */
  append(events: readonly NewEvent[]): Promise<void>;
  perform(action: Exclude<IntakeAction, { readonly kind: "append" }>): Promise<void> | void;
  /** One of the others has failed. Told once; nothing is done any more. */
  onFailed(error: unknown): void;
}

/** Most events of a batch: few enough that readers do not wait for the last to see the first. */
const MOST_EVENTS = 256;

/** Most characters of a batch; a longer event is one of its own. */
const MOST_LENGTH = 256 * 1024;

/** With so many actions waiting, nothing more is read from the backend. */
const MOST_WAITING = 512;

/** The actions of one stream. */
export class ActionQueue {
  readonly #performer: ActionPerformer;
  #waiting: IntakeAction[] = [];
  #whenRoom: { resolve(): void; reject(error: unknown): void }[] = [];
  #isBusy = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(performer: ActionPerformer) {
    this.#performer = performer;
  }

  /** Resolves when more may come, which may be before these are done. Rejects after a failure. */
  async add(actions: readonly IntakeAction[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#waiting.push(...actions);
    if (!this.#isBusy) void this.#work();
    if (this.#waiting.length < MOST_WAITING) return;
    await new Promise<void>((resolve, reject) => this.#whenRoom.push({ resolve, reject }));
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    try {
      for (;;) {
        const action = this.#waiting.shift();
        if (action === undefined) break;
        const batch = action.kind === "append" ? this.#batchFrom(action.events) : undefined;
        this.#tellRoom();
        if (batch !== undefined) await this.#performer.append(batch);
        else if (action.kind !== "append") await this.#performer.perform(action);
      }
    } catch (error) {
      this.#failure = { error };
      this.#waiting = [];
      for (const { reject } of this.#whenRoom.splice(0)) reject(error);
      this.#performer.onFailed(error);
    }
    this.#isBusy = false;
  }

  #tellRoom(): void {
    if (this.#waiting.length >= MOST_WAITING) return;
    for (const { resolve } of this.#whenRoom.splice(0)) resolve();
  }

  /** These events, and those that are to be stored right after them. */
  #batchFrom(first: readonly NewEvent[]): readonly NewEvent[] {
    const batch = [...first];
    let length = lengthOf(first);
    for (;;) {
      const [next] = this.#waiting;
      if (next?.kind !== "append") return batch;
      length += lengthOf(next.events);
      if (batch.length + next.events.length > MOST_EVENTS || length > MOST_LENGTH) return batch;
      batch.push(...next.events);
      this.#waiting.shift();
    }
  }
}

function lengthOf(events: readonly NewEvent[]): number {
  return events.reduce((sum, { data }) => sum + data.length, 0);
}
