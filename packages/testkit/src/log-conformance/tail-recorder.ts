// Writes down what a tail hears, and judges whether it is what a tail has to hear.

import { AssertionError, strict as assert } from "node:assert";
import type { EventLog, StoredEvent, StreamName, Tail, TailMessage } from "@throughline/server/log";
import type { Position } from "throughline/core";

interface TailRecorderOptions {
  readonly waitMs: number;
  readonly onMessage: ((recorder: TailRecorder) => void) | undefined;
}

/** Records one tail. */
export class TailRecorder {
  readonly messages: TailMessage[] = [];
  readonly #options: TailRecorderOptions;
  readonly #watchers = new Set<() => void>();
  #after: Position = { epoch: "", offset: 0 };
  #tail: Tail | undefined;
  #wasEarly = false;
  #lastOffset = 0;

  constructor(options: TailRecorderOptions) {
    this.#options = options;
  }

  start(log: EventLog, stream: StreamName, after: Position): void {
    this.#after = after;
    this.#tail = log.tail(stream, after, (message) => {
      this.#wasEarly ||= this.#tail === undefined;
      this.messages.push(message);
      if (message.kind === "events") this.#lastOffset = message.events.at(-1)?.offset ?? 0;
      for (const watcher of this.#watchers) watcher();
      this.#options.onMessage?.(this);
    });
  }

  /** Closes the tail. */
  close(): void {
    this.#tail?.close();
  }

  /** All events so far, in the order of delivery. */
  get events(): readonly StoredEvent[] {
    return this.messages.flatMap((message) => (message.kind === "events" ? message.events : []));
  }

  /** Waits until an event with this offset or a later one has come. */
  untilOffset(offset: number): Promise<void> {
    return this.until(`deliver offset ${offset}`, () => this.#lastOffset >= offset);
  }

  /** Waits until a message of this kind has come. */
  untilKind(kind: TailMessage["kind"]): Promise<void> {
    return this.until(`say "${kind}"`, () =>
      this.messages.some((message) => message.kind === kind),
    );
  }

  /** Waits until something holds. `what` says what the tail has to do for it. */
  until(what: string, isReached: () => boolean): Promise<void> {
    if (isReached()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        this.#watchers.delete(watcher);
        clearTimeout(timer);
        settle();
      };
      const watcher = () => {
        if (isReached()) finish(resolve);
      };
      const timer = setTimeout(() => {
        const { waitMs } = this.#options;
        const message = `the tail did not ${what} within ${waitMs} ms; it heard ${this.summary()}`;
        finish(() => reject(new AssertionError({ message })));
      }, this.#options.waitMs);
      this.#watchers.add(watcher);
    });
  }

  /**
   * Asserts that the tail has heard everything after its start exactly once and in order: no event
   * repeated, none left out without a gap that names exactly it, nothing before `tail` had returned
   * or after `sealed`.
   *
   * @returns the position that the tail has reached
   */
  assertUnbroken(): Position {
    this.#expect(!this.#wasEarly, "the listener was called before tail() had returned");
    let position = this.#after;
    let isOver = false;
    for (const message of this.messages) {
      this.#expect(!isOver, 'something came after "sealed"');
      position = this.#follow(position, message);
      isOver = message.kind === "sealed";
    }
    return position;
  }

  #follow(position: Position, message: TailMessage): Position {
    switch (message.kind) {
      case "events":
        return this.#followEvents(position, message.epoch, message.events);
      case "gap":
        if (message.reason === "trimmed") {
          const { from, to, resumeAfter } = message;
          this.#expect(from === position.offset + 1, "the gap begins elsewhere");
          this.#expect(to >= from, "the gap is empty");
          this.#expect(isAt(resumeAfter, { ...position, offset: to }), "the gap ends elsewhere");
        }
        return message.resumeAfter;
      case "sealed":
        this.#expect(isAt(message.at, position), "the stream was sealed elsewhere");
        return position;
    }
  }

  #followEvents(position: Position, epoch: string, events: readonly StoredEvent[]): Position {
    this.#expect(events.length > 0, "a message of events held none");
    this.#expect(epoch === position.epoch, "the epoch changed without a gap");
    let { offset } = position;
    for (const event of events) {
      this.#expect(event.offset > offset, `offset ${event.offset} was repeated`);
      this.#expect(event.offset === offset + 1, `offset ${offset + 1} was left out`);
      offset = event.offset;
    }
    return { epoch, offset };
  }

  #expect(isTrue: boolean, trouble: string): void {
    if (!isTrue) assert.fail(`${trouble}; the tail heard ${this.summary()}`);
  }

  /** What was heard, in few words. */
  summary(): string {
    const from = `after ${this.#after.offset}:`;
    const words = this.messages.map((message) => {
      if (message.kind === "sealed") return "sealed";
      if (message.kind === "gap") return `gap ${message.reason} ${message.from}-${message.to}`;
      return `events ${message.events.map((event) => event.offset).join(",")}`;
    });
    return [from, ...(words.length === 0 ? ["nothing"] : words.slice(-20))].join(" ");
  }
}

function isAt(actual: Position, expected: Position): boolean {
  return actual.epoch === expected.epoch && actual.offset === expected.offset;
}
