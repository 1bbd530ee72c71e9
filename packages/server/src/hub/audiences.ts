// All audiences of a stream, and which event goes to whom.

import { Audience, type AudienceMember } from "./audience.js";
import { type Frame, joinFrames } from "./frame.js";
import { type EventFrame, frameFor } from "./frame-cache.js";
import type { TopicFilter } from "./topic-filter.js";
import { TopicIndex } from "./topic-index.js";

/**
 * How many events may be hidden from a reader before it is sent a cursor that is beyond them. Twice
 * this is the most that a resume after a drop has to skip; once, that it is looked for.
 */
export const HIDDEN_RUN = 128;

/** The audiences of one stream: one that wants everything, and one for each filter in use. */
export class Audiences {
  readonly #everyone = new Audience(undefined, 0);
  readonly #byKey = new Map<string, Audience>();
  readonly #index = new TopicIndex<Audience>();

  /** The audience for a filter; whoever asks holds it until `release`. */
  hold(filter: TopicFilter | undefined, pointerOffset: number): Audience {
    const audience = filter === undefined ? this.#everyone : this.#filtered(filter, pointerOffset);
    audience.holders += 1;
    return audience;
  }

  release(audience: Audience): void {
    audience.holders -= 1;
    const { filter, holders } = audience;
    if (filter === undefined || holders > 0) return;
    this.#byKey.delete(filter.key);
    this.#index.remove(filter, audience);
  }

  /**
   * Sends consecutive events to everybody who wants them, in one write each.
   *
   * @param events at least one
   * @param heartbeat makes the frame that carries the cursor of the last of them
   * @returns the deliveries: how many events went to how many readers, multiplied and added
   */
  send(events: readonly EventFrame[], heartbeat: () => Frame): number {
    const first = events[0]?.offset ?? 0;
    const last = events.at(-1)?.offset ?? 0;
    let deliveries = events.length * this.#everyone.size;
    if (deliveries > 0) {
      this.#everyone.broadcast(joinFrames(events.map(({ frame }) => frame)), last);
    }
    if (this.#byKey.size === 0) return deliveries;
    for (const [audience, frames] of this.#select(events)) {
      deliveries += frames.length * audience.size;
      audience.broadcast(joinFrames(frames), last);
    }
    if (crosses(first, last)) this.#showCursor(last, heartbeat);
    return deliveries;
  }

  /** Sends a frame to all, whatever they filter. It carries the cursor of `offset`. */
  announce(frame: Frame, offset: number): void {
    for (const audience of this.#all()) audience.broadcast(frame, offset);
  }

  /** All live subscribers at this moment. */
  members(): readonly AudienceMember[] {
    return this.#all().flatMap((audience) => audience.snapshot());
  }

  #all(): Audience[] {
    return [this.#everyone, ...this.#byKey.values()];
  }

  #filtered(filter: TopicFilter, pointerOffset: number): Audience {
    const known = this.#byKey.get(filter.key);
    if (known !== undefined) return known;
    const audience = new Audience(filter, pointerOffset);
    this.#byKey.set(filter.key, audience);
    this.#index.add(filter, audience);
    return audience;
  }

  #select(events: readonly EventFrame[]): Map<Audience, Frame[]> {
    const selected = new Map<Audience, Frame[]>();
    for (const event of events) {
      if (event.topic === undefined) continue;
      for (const audience of this.#index.match(event.topic)) {
        // Made once for all who are in the audience.
        const frame = audience.filter ? frameFor(event, audience.filter) : event.frame;
        const frames = selected.get(audience);
        if (frames === undefined) selected.set(audience, [frame]);
        else frames.push(frame);
      }
    }
    return selected;
  }

  #showCursor(offset: number, heartbeat: () => Frame): void {
    for (const audience of this.#byKey.values()) {
      if (offset - audience.shownOffset >= HIDDEN_RUN) audience.broadcast(heartbeat(), offset);
    }
  }
}

/** Looking only where a multiple is crossed keeps the cost per event independent of the filters. */
function crosses(first: number, last: number): boolean {
  return Math.floor((first - 1) / HIDDEN_RUN) !== Math.floor(last / HIDDEN_RUN);
}
