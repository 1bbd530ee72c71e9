// Publishes numbered events, one after the other.

import type { DeliveryChecker } from "../checkers/index.js";
import type { ScenarioServer } from "./scenario-server.js";

/** What makes text more than ASCII, so that a cut can fall inside of a character. */
const TEXT = "voilà → ward 42";

/** What a publisher needs. */
export interface PublisherOptions {
  readonly server: ScenarioServer;
  readonly stream: string;
  readonly checker: DeliveryChecker;
}

/** The number of an event that a publisher has made. */
export function publishedNumber(data: string): number | undefined {
  const [, digits] = /^\{"n":(\d+)/.exec(data) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** A publisher of one stream; its events have the numbers 0, 1, 2, … */
export class NumberedPublisher {
  readonly #options: PublisherOptions;
  /** When each was sent. */
  readonly #sentMs: number[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The last publish: the next one waits for it, so that the order is that of the numbers. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** How many were sent; the next one has this number. */
  get count(): number {
    return this.#sentMs.length;
  }

  /** The first event that was sent at that moment or later; the next one, where there is none. */
  firstSince(momentMs: number): number {
    const found = this.#sentMs.findIndex((atMs) => atMs >= momentMs);
    return found === -1 ? this.count : found;
  }

  /** Whether it goes on by itself. */
  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** Publishes one event every so often, from now on. */
  every(everyMs: number): void {
    this.pause();
    if (this.#options.server.publish === undefined) return;
    this.#timer = setInterval(() => this.one(0), everyMs);
  }

  /** Publishes one event with that much text. */
  one(bytes: number): void {
    if (this.#options.server.publish === undefined) return;
    const n = this.#sentMs.push(performance.now()) - 1;
    const text = TEXT.padEnd(bytes, "x");
    this.#last = this.#last.then(() => this.#send(n, `{"n":${n},"text":"${text}"}`));
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Resolves when everything sent so far was acknowledged or refused. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #send(n: number, data: string): Promise<void> {
    const { server, stream, checker } = this.#options;
    checker.attempted(n);
    try {
      await server.publish?.(stream, data);
      checker.published(n);
    } catch {
      // Not acknowledged: nobody is owed the event. Where it was stored all the same, it may come.
    }
  }
}
