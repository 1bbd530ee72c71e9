// Looks after all subscribers with one timer.

import type { HubEnvironment, StopTimer } from "./environment.js";

/** Whoever is visited by the wheel. The two numbers are written by the wheel alone. */
export interface WheelMember {
  slot: number;
  place: number;
  visit(tick: number): void;
}

/** In how many groups the members are visited, one group per tick: a round is this many ticks. */
export const WHEEL_SLOTS = 10;

/** After a stall the wheel catches up at this pace instead of visiting everybody at once. */
const MOST_SLOTS_PER_TURN = 2;

/**
 * Visits every member once per round, and spreads the members over the round, so that the work of a
 * round (a pulse to each of thousands of connections) never comes as one burst.
 *
 * Time is counted in ticks: small integers, which cost nothing to write down per subscriber and
 * event. The timer runs only while there are members.
 */
export class Wheel {
  /** The present tick. Not moved on while there are no members. */
  tick = 0;
  readonly tickMs: number;
  readonly #environment: HubEnvironment;
  readonly #slots: WheelMember[][] = Array.from({ length: WHEEL_SLOTS }, () => []);
  readonly #startedMs: number;
  #stop: StopTimer | undefined;
  /** Ticks whose slot has been visited. */
  #turned = 0;
  #size = 0;
  #nextSlot = 0;

  constructor(environment: HubEnvironment, tickMs: number) {
    this.#environment = environment;
    this.tickMs = tickMs;
    this.#startedMs = environment.nowMs();
  }

  get size(): number {
    return this.#size;
  }

  add(member: WheelMember): void {
    if (this.#size === 0) this.#start();
    this.#size += 1;
    member.slot = this.#nextSlot;
    this.#nextSlot = (this.#nextSlot + 1) % WHEEL_SLOTS;
    member.place = this.#slotAt(member.slot).push(member) - 1;
  }

  /** Takes a member out, also while it is being visited; the last of its slot takes its place. */
  remove(member: WheelMember): void {
    const slot = this.#slotAt(member.slot);
    const last = slot.pop();
    if (last !== undefined && last !== member) {
      slot[member.place] = last;
      last.place = member.place;
    }
    this.#size -= 1;
    if (this.#size === 0) this.#rest();
  }

  #start(): void {
    this.tick = this.#currentTick();
    this.#turned = this.tick;
    this.#stop = this.#environment.every(this.tickMs, () => this.#turn());
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #turn(): void {
    this.tick = this.#currentTick();
    // A stall of more than a round owes everybody one visit, not several.
    this.#turned = Math.max(this.#turned, this.tick - WHEEL_SLOTS);
    const until = Math.min(this.tick, this.#turned + MOST_SLOTS_PER_TURN);
    while (this.#turned < until) {
      this.#turned += 1;
      this.#visit(this.#slotAt(this.#turned % WHEEL_SLOTS));
    }
  }

  /** Backwards: a member that leaves meanwhile moves only one that has been visited. */
  #visit(slot: readonly WheelMember[]): void {
    for (let place = slot.length - 1; place >= 0; place -= 1) slot[place]?.visit(this.tick);
  }

  #currentTick(): number {
    return Math.floor((this.#environment.nowMs() - this.#startedMs) / this.tickMs);
  }

  #slotAt(index: number): WheelMember[] {
    const slot = this.#slots[index];
    if (slot === undefined) throw new Error(`Throughline bug: the wheel has no slot ${index}`);
    return slot;
  }
}
