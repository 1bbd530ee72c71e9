// Tells an observer about one delivery. There is one beside each subscriber of a hub that has an
// observer, and none where it has not; it never sees an event that is written to a live reader.

import type { DeliveryStateName, Gap, ResumeAnswer } from "throughline/core";
import type { HubObserver } from "./observer.js";
import type { Page } from "./page-source.js";
import type { RequestContext } from "./request-context.js";
import type { SubscriberEnd } from "./subscriber.js";

/** Whose delivery it is. */
export interface DeliveryFacts {
  readonly connection: string;
  readonly stream: string;
  readonly request: RequestContext;
}

/** Tells the time, in milliseconds. */
interface Clock {
  nowMs(): number;
}

/** What has been replayed since the reader was last live, or since it came; none for one that is live. */
interface Replay {
  readonly startedMs: number;
  bytes: number;
  pages: number;
}

export class DeliveryWitness {
  readonly #observer: HubObserver;
  readonly #connection: string;
  readonly #stream: string;
  readonly #request: RequestContext;
  readonly #clock: Clock;
  readonly #openedMs: number;
  #replay: Replay | undefined;

  constructor(observer: HubObserver, { connection, stream, request }: DeliveryFacts, clock: Clock) {
    this.#observer = observer;
    this.#connection = connection;
    this.#stream = stream;
    this.#request = request;
    this.#clock = clock;
    this.#openedMs = clock.nowMs();
  }

  /** The reader is about to be greeted. */
  onOpened(resume: ResumeAnswer, gap: Gap | undefined): void {
    this.#observer({ kind: "connection-opened", ...this.#facts(), resume });
    if (gap !== undefined) this.#tellGap(gap.reason);
  }

  /** A page is about to be written. */
  onPage(page: Page): void {
    this.#replay ??= { startedMs: this.#openedMs, bytes: 0, pages: 0 };
    this.#replay.bytes += page.frame?.byteLength ?? 0;
    this.#replay.pages += 1;
    if (page.kind === "gap") this.#tellGap(page.reason);
  }

  /** The delivery is in another state. */
  onChanged(before: DeliveryStateName, after: DeliveryStateName): void {
    const { connection, stream } = this.#facts();
    if (before === "live" && after === "replaying") {
      this.#replay = { startedMs: this.#clock.nowMs(), bytes: 0, pages: 0 };
      this.#observer({ kind: "reader-fell-back", connection, stream });
    } else if (before === "replaying" && after === "live" && this.#replay !== undefined) {
      const { startedMs, bytes, pages } = this.#replay;
      this.#replay = undefined;
      if (pages === 0) return;
      const durationMs = this.#clock.nowMs() - startedMs;
      this.#observer({ kind: "replay-finished", connection, stream, bytes, pages, durationMs });
    }
  }

  /** The delivery is over. */
  onEnded(reason: SubscriberEnd): void {
    const durationMs = this.#clock.nowMs() - this.#openedMs;
    this.#observer({ kind: "connection-closed", ...this.#facts(), reason, durationMs });
  }

  #tellGap(reason: Gap["reason"]): void {
    this.#observer({ kind: "gap-told", stream: this.#stream, reason, readers: 1 });
  }

  /** Made when they are told: there is a witness beside each reader at rest. */
  #facts(): DeliveryFacts {
    return { connection: this.#connection, stream: this.#stream, request: this.#request };
  }
}
