// Live subscribers who are sent the same bytes: all of one stream with one filter.

import type { Frame } from "./frame.js";
import type { TopicFilter } from "./topic-filter.js";

/** A subscriber as its audience sees it. */
export interface AudienceMember {
  /** Where it stands in the audience's list; written by the audience alone. -1: nowhere. */
  seat: number;
  /** Takes a frame. May leave the audience while it does. */
  deliver(frame: Frame): void;
  /** Learns that the feed has changed in another way than by events. */
  onAdvanced(): void;
}

/** The live subscribers of one filter. */
export class Audience {
  /** `undefined`: they want everything. */
  readonly filter: TopicFilter | undefined;
  /** The offset of the last cursor that all of them have been sent. */
  shownOffset: number;
  /** How many subscriptions have this filter, live or not. */
  holders = 0;
  readonly #members: AudienceMember[] = [];

  constructor(filter: TopicFilter | undefined, shownOffset: number) {
    this.filter = filter;
    this.shownOffset = shownOffset;
  }

  get size(): number {
    return this.#members.length;
  }

  join(member: AudienceMember): void {
    member.seat = this.#members.push(member) - 1;
  }

  /** Takes a member out; the last one takes its seat. */
  leave(member: AudienceMember): void {
    const last = this.#members.pop();
    if (last !== undefined && last !== member) {
      this.#members[member.seat] = last;
      last.seat = member.seat;
    }
    member.seat = -1;
  }

  /**
   * The whole work per subscriber and event: one call, one write of bytes that exist already.
   * Backwards, so that a member who leaves while it is served moves only one that has been served.
   */
  broadcast(frame: Frame, shownOffset: number): void {
    this.shownOffset = shownOffset;
    const members = this.#members;
    for (let seat = members.length - 1; seat >= 0; seat -= 1) members[seat]?.deliver(frame);
  }

  /** The members at this moment. */
  snapshot(): readonly AudienceMember[] {
    return [...this.#members];
  }
}
