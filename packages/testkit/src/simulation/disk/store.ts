// The disk under the hubs of a simulation. What is on it is kept by the production memory log; what it does
// to whoever uses it (slow, full, torn, trimmed, replaced) is decided here.

import { createMemoryLog, type EventLog, parseStreamName } from "@throughline/server/log";
import { StreamError } from "throughline/core";
import type { Machine } from "../time/machine.js";
import type { VirtualClock } from "../time/virtual-clock.js";
import { dataOf } from "./event-data.js";
import { type StoredFact, Truth } from "./truth.js";

/** The one stream of a simulation. */
export const STREAM = "feed";

const NAME = parseStreamName(STREAM);

/** What a disk does at the moment. */
export interface DiskTrouble {
  /** From the call to the moment in which the events are on the disk, and from there to the answer. */
  writeMs: number;
  answerMs: number;
  readMs: number;
  /** Why appends fail; a torn one has written half, which a log finds and drops. */
  failure: "full" | "torn" | undefined;
}

/** How much a store keeps, and how soon its followers in other processes hear of an event. */
export interface StoreOptions {
  readonly maxEvents: number;
  readonly tailMs: number;
}

/** One disk, and what is on it. */
export class Store {
  readonly truth: Truth;
  readonly trouble: DiskTrouble = { writeMs: 0, answerMs: 0, readMs: 0, failure: undefined };
  readonly #tails = new Set<{ readonly machine: Machine }>();
  readonly #clock: VirtualClock;
  readonly #options: StoreOptions;
  readonly #log: EventLog;
  #epochs = 0;

  constructor(clock: VirtualClock, options: StoreOptions, onStored: (fact: StoredFact) => void) {
    this.truth = new Truth(onStored);
    this.#clock = clock;
    this.#options = options;
    this.#log = createMemoryLog({
      maxEvents: options.maxEvents,
      now: () => clock.outside.calendarMs,
      createEpoch: () => {
        this.#epochs += 1;
        const name = `e${this.#epochs}`;
        this.truth.beginEpoch(name);
        return name;
      },
    });
  }

  /** How many followers there are in processes that run. */
  get openTails(): number {
    return [...this.#tails].filter(({ machine }) => !machine.isDead).length;
  }

  /** The log as a process on a machine has it: with it dies what it had asked for. */
  openFor(machine: Machine): EventLog {
    const log = this.#log;
    const { trouble } = this;
    return {
      append: async (name, events, options) => {
        await pause(trouble.writeMs);
        this.#failIfBroken();
        const result = await log.append(name, events, options);
        this.#note(result, events);
        await pause(trouble.answerMs);
        return result;
      },
      read: async (name, options) => {
        await pause(trouble.readMs);
        return log.read(name, options);
      },
      head: async (name) => {
        await pause(trouble.readMs);
        return log.head(name);
      },
      tail: (name, after, listener) => {
        const { tailMs } = this.#options;
        const follower = { machine };
        this.#tails.add(follower);
        const tail = log.tail(name, after, (message) => {
          if (machine.isDead) tail.close();
          else
            this.#clock.after(machine, tailMs, () => {
              if (this.#tails.has(follower)) listener(message);
            });
        });
        return {
          close: () => {
            this.#tails.delete(follower);
            tail.close();
          },
        };
      },
      trim: (name, throughOffset) => log.trim(name, throughOffset),
      seal: (name, reason) => log.seal(name, reason),
      remove: (name) => log.remove(name),
      // The disk outlives whoever used it.
      close: async () => {},
    };
  }

  /** Deletes all but the newest events. */
  async trim(keptEvents: number): Promise<void> {
    const through = Math.max(0, this.truth.head - keptEvents);
    await this.#log.trim(NAME, through);
    this.truth.trim(through);
  }

  /** Puts another store in its place: an empty one, or a backup that has the first events. */
  async replace(keptEvents: number): Promise<void> {
    const { truth } = this;
    const kept = truth.facts.filter((fact) => truth.isKept(fact)).slice(0, keptEvents);
    await this.#log.remove(NAME);
    for (const { key, topic } of kept) {
      const events = [{ id: key, topic, data: dataOf(key, 0) }];
      this.#note(await this.#log.append(NAME, events), events);
    }
  }

  async seal(): Promise<void> {
    await this.#log.seal(NAME);
  }

  /** Stores a last event, and declares the stream complete in the same turn. */
  async finish(key: string): Promise<void> {
    const events = [{ id: key, topic: "ward/1", data: dataOf(key, 0) }];
    const stored = this.#log.append(NAME, events);
    await this.#log.seal(NAME);
    this.#note(await stored, events);
  }

  #failIfBroken(): void {
    const { failure } = this.trouble;
    if (failure === undefined) return;
    const code = failure === "full" ? "store-full" : "store-unavailable";
    const message = `The disk of the simulation: ${failure}.`;
    throw new StreamError(message, { code, fault: "local", retryable: true });
  }

  #note(
    result: Awaited<ReturnType<EventLog["append"]>>,
    events: readonly { readonly id?: string | undefined; readonly topic?: string | undefined }[],
  ): void {
    result.events.forEach(({ offset, isDuplicate }, index) => {
      if (isDuplicate) return;
      const { id: key = `${result.epoch}.${offset}`, topic } = events[index] ?? {};
      const storedMs = this.#clock.nowMs;
      this.truth.store({ key, topic, epoch: result.epoch, offset, storedMs });
    });
    this.truth.trim(this.truth.head - this.#options.maxEvents);
  }
}

/** On the machine of whoever asks. */
async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise<void>((resolve) => setTimeout(resolve, ms));
}
