// What was acknowledged and then could not be committed, which happens only where events are
// acknowledged before: who is told of it, and that no offset comes to name two events.

import type { StreamName } from "../stream-name.js";
import type { Draft } from "./draft.js";
import type { EmbeddedStream } from "./embedded-stream.js";
import type { LostEvents } from "./options.js";
import type { StreamState } from "./stream-state.js";

/** The streams that have lost acknowledged events, until they have another epoch. */
export class Losses {
  readonly #streams = new Set<EmbeddedStream>();

  /** Whether some stream is still in the epoch in which it has lost something. */
  get areOpen(): boolean {
    return this.#streams.size > 0;
  }

  /** Takes note of what a draft had in streams, which is not going to be committed. */
  note(draft: Draft, names: ReadonlySet<StreamName>): readonly LostEvents[] {
    const lost: LostEvents[] = [];
    for (const [stream, state] of draft.states) {
      if (state === undefined || !names.has(stream.name)) continue;
      const events = countNew(state, stream.state);
      if (events === 0) continue;
      this.#streams.add(stream);
      lost.push({ stream: stream.name, events });
    }
    return lost;
  }

  /** Has the streams go on in new epochs: the offsets of the lost events are given away again. */
  renew(draft: Draft, createEpoch: () => string): void {
    for (const stream of this.#streams) {
      const state = draft.state(stream);
      if (state !== undefined) draft.setState(stream, { ...state, epoch: createEpoch() });
    }
  }

  /** To be called when a draft was committed: it had the new epochs. */
  settle(): void {
    this.#streams.clear();
  }
}

function countNew(state: StreamState, committed: StreamState | undefined): number {
  return state.life === committed?.life ? state.offset - committed.offset : state.offset;
}
