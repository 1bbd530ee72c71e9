// One direction of one TCP connection: what is sent arrives later, in order, whole, or not at all.

import type { Task } from "../time/agenda.js";
import type { Machine } from "../time/machine.js";
import type { VirtualClock } from "../time/virtual-clock.js";

/** What a direction is like at the moment. */
export interface LaneWeather {
  readonly latencyMs: number;
  /** Up to so much more for each parcel; they stay in order. */
  readonly jitterMs: number;
  readonly bytesPerMs: number;
  /** Packets are dropped: what is sent waits, as TCP repeats it, until they are not. */
  readonly isFrozen: boolean;
}

interface Parcel {
  readonly byteLength: number;
  /** When its first byte would be there, on an empty line. */
  readonly travelledMs: number;
  readonly deliver: () => void;
}

/** One direction. */
export class Lane {
  readonly #clock: VirtualClock;
  readonly #receiver: Machine;
  readonly #weather: () => LaneWeather;
  readonly #random: () => number;
  #parcels: Parcel[] = [];
  #arrival: Task | undefined;
  #lastArrivalMs = 0;
  #isLost = false;

  /** @param receiver on which what arrives is dealt with: while it sleeps, nothing arrives */
  constructor(
    clock: VirtualClock,
    receiver: Machine,
    weather: () => LaneWeather,
    random: () => number,
  ) {
    this.#clock = clock;
    this.#receiver = receiver;
    this.#weather = weather;
    this.#random = random;
  }

  /** @param delayMs how much later it leaves; what follows waits for it */
  send(byteLength: number, deliver: () => void, delayMs = 0): void {
    if (this.#isLost) return;
    const { latencyMs, jitterMs } = this.#weather();
    const travelledMs = this.#clock.nowMs + delayMs + latencyMs + jitterMs * this.#random();
    this.#parcels.push({ byteLength, travelledMs, deliver });
    this.#expectNext(0);
  }

  /**
   * The weather is another. What waits goes on as fast as that allows; what was frozen is repeated up to so
   * much later: TCP backs off.
   */
  thaw(mostDelayMs: number): void {
    this.#cancel();
    this.#expectNext(mostDelayMs * this.#random());
  }

  /** Whatever is on its way is lost, and whatever will be sent: a NAT has forgotten the connection. */
  lose(): void {
    this.#isLost = true;
    this.#parcels = [];
    this.#cancel();
  }

  #cancel(): void {
    if (this.#arrival !== undefined) this.#arrival.isCancelled = true;
    this.#arrival = undefined;
  }

  #expectNext(delayMs: number): void {
    const [parcel] = this.#parcels;
    const { bytesPerMs, isFrozen } = this.#weather();
    if (parcel === undefined || this.#arrival !== undefined || isFrozen) return;
    const { byteLength, travelledMs } = parcel;
    const arrivesMs = Math.max(this.#lastArrivalMs, travelledMs) + byteLength / bytesPerMs;
    const dueMs = Math.max(arrivesMs, this.#clock.nowMs + delayMs);
    this.#arrival = this.#clock.at(this.#receiver, dueMs, () => this.#arrive());
  }

  #arrive(): void {
    this.#arrival = undefined;
    if (this.#weather().isFrozen) return;
    const parcel = this.#parcels.shift();
    this.#lastArrivalMs = this.#clock.nowMs;
    this.#expectNext(0);
    parcel?.deliver();
  }
}
