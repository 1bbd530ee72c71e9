// The flag's other position: the browser's own EventSource does the work, and what it says is passed
// on as it is. Towards our own servers it is looked after, as far as that goes from outside.

import {
  type ConnectionLimits,
  type ConnectionReason,
  FRESH_BOOKMARK,
  type Gap,
  RESERVED,
  readBlock,
  serverDelayMs,
} from "../core/index.js";
import type { Environment } from "./environment.js";
import { withCursor } from "./resume-request.js";
import { Timer } from "./timer.js";
import type { ConnectionStateName } from "./types.js";

/** Who is told. */
export interface NativeOwner {
  onNativeOpen(): void;
  /** The source has lost its connection; the state says whether for good. */
  onNativeError(): void;
  onNativeEvent(event: MessageEvent<string>): void;
  onGap(gap: Gap): void;
  /** Another state. */
  onNativeChange(): void;
  /** Asked before another source is made; `false` when somebody else will go on. */
  mayGoOn(): boolean;
}

/** What to open. */
export interface NativeOptions {
  readonly url: string;
  readonly withCredentials: boolean;
  /** Go on after this cursor. */
  readonly lastEventId: string;
  /** Whether the server is known to be a Throughline server already. */
  readonly isOurs: boolean;
  /** The event types to pass on; others follow by {@link NativeSource.listenTo}. */
  readonly types: Iterable<string>;
  readonly limits: ConnectionLimits;
}

/** What is seen of a native source from outside. */
export interface NativeState {
  readonly state: ConnectionStateName;
  readonly reason: ConnectionReason;
  readonly attempts: number;
  readonly dueMs: number | undefined;
}

/** Our servers say something by name at least every 30 s. PROTOCOL.md §5. */
const STALE_AFTER_MS = 31_000;
const LOST_AFTER_MS = 45_000;

/**
 * A native EventSource under the drop-in's roof.
 *
 * It sees no comments, and reconnects by its own rules; of the protocol only the heartbeat (for its cursor, and
 * as a sign of life) and the gap notice are read. Where the server has greeted, one that has given up, or
 * has been silent for 45 s, is closed and made anew with the cursor in its URL.
 */
export class NativeSource {
  /** The newest id that it has told. */
  lastEventId: string;
  /** How it is doing. */
  facts: NativeState = { state: "connecting", reason: "native", attempts: 0, dueMs: undefined };
  /** Whether the server knows cursors, and speaks at least every 30 s. */
  isOurs: boolean;
  readonly #make: typeof globalThis.EventSource;
  readonly #options: NativeOptions;
  readonly #environment: Environment;
  readonly #owner: NativeOwner;
  readonly #types: Set<string>;
  readonly #timer: Timer;
  #source: EventSource | undefined;
  #isClosed = false;
  #openedMs: number | undefined;
  #heardMs = 0;
  #failures = 0;

  constructor(
    make: typeof globalThis.EventSource,
    options: NativeOptions,
    environment: Environment,
    owner: NativeOwner,
  ) {
    this.#make = make;
    this.#options = options;
    this.#environment = environment;
    this.#owner = owner;
    this.#types = new Set(options.types);
    this.lastEventId = options.lastEventId;
    this.isOurs = options.isOurs;
    this.#timer = new Timer(environment, () => this.#watch());
    this.#open();
  }

  /** Passes on events of this type too. */
  listenTo(type: string): void {
    if (this.#types.has(type)) return;
    this.#types.add(type);
    if (this.#source !== undefined) this.#listen(this.#source, type);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.clear();
    this.#source?.close();
    this.#source = undefined;
  }

  #open(): void {
    const { url, withCredentials } = this.#options;
    const address = this.lastEventId === "" ? url : withCursor(url, this.lastEventId);
    const source = new this.#make(address, { withCredentials });
    this.#source = source;
    this.#openedMs = undefined;
    source.onopen = () => {
      this.#openedMs = this.#environment.nowMs();
      this.#hear();
      this.#owner.onNativeOpen();
    };
    source.onerror = () => this.#onError(source);
    source.addEventListener(RESERVED.hello, () => this.#greet());
    source.addEventListener(RESERVED.heartbeat, ({ lastEventId }) => {
      this.lastEventId = lastEventId;
      this.#greet();
    });
    source.addEventListener(RESERVED.gap, ({ type, data, lastEventId }: MessageEvent<string>) => {
      this.lastEventId = lastEventId;
      const meaning = readBlock(FRESH_BOOKMARK, { type, data, id: lastEventId });
      if (meaning.kind === "gap") this.#owner.onGap(meaning.gap);
    });
    for (const type of this.#types) this.#listen(source, type);
    this.#await();
  }

  /** The browser's class asks, and may ask without end: one of ours has to answer within the same time. */
  #await(): void {
    this.#heardMs = this.#environment.nowMs();
    this.#show("connecting");
    if (this.isOurs) this.#ringAt(this.#heardMs + LOST_AFTER_MS);
  }

  /** Whoever is told of something may close this. */
  #ringAt(dueMs: number): void {
    if (!this.#isClosed) this.#timer.setNoLaterThan(dueMs);
  }

  #listen(source: EventSource, type: string): void {
    if (type === "open" || type === "error") return;
    source.addEventListener(type, (event: MessageEvent<string>) => {
      // One listener of the application may have closed what another one still hears.
      if (this.#source !== source) return;
      this.lastEventId = event.lastEventId;
      this.#hear();
      this.#owner.onNativeEvent(event);
    });
  }

  #greet(): void {
    this.isOurs = true;
    this.#hear();
  }

  #hear(): void {
    this.#heardMs = this.#environment.nowMs();
    const { provenAfterMs } = this.#options.limits;
    if (this.#openedMs !== undefined && this.#heardMs - this.#openedMs >= provenAfterMs) {
      this.#failures = 0;
    }
    if (this.isOurs) this.#ringAt(this.#heardMs + STALE_AFTER_MS);
    if (this.facts.state !== "live") this.#show("live");
  }

  #watch(): void {
    if (this.facts.state === "waiting") {
      if (this.#owner.mayGoOn()) this.#open();
      return;
    }
    const nowMs = this.#environment.nowMs();
    const silentMs = nowMs - this.#heardMs;
    if (silentMs >= LOST_AFTER_MS) {
      this.#source?.close();
      this.#source = undefined;
      this.#show("waiting", nowMs);
      this.#owner.onNativeError();
      this.#ringAt(nowMs);
      return;
    }
    if (this.facts.state === "live" && silentMs >= STALE_AFTER_MS) this.#show("stale");
    this.#ringAt(this.#heardMs + (this.facts.state === "live" ? STALE_AFTER_MS : LOST_AFTER_MS));
  }

  #onError(source: EventSource): void {
    if (this.#source !== source) return;
    const { nowMs, random } = this.#environment;
    this.#timer.clear();
    if (source.readyState !== this.#make.CLOSED) this.#await();
    else {
      this.#failures += 1;
      const isFinal = !this.isOurs || this.#failures > this.#options.limits.refusalLimit;
      if (isFinal) this.#show("failed");
      else {
        const dueMs = nowMs() + serverDelayMs(this.#failures, 0, random);
        this.#show("waiting", dueMs);
        this.#ringAt(dueMs);
      }
    }
    this.#owner.onNativeError();
  }

  #show(state: ConnectionStateName, dueMs?: number): void {
    this.facts = { state, reason: "native", attempts: this.#failures, dueMs };
    this.#owner.onNativeChange();
  }
}
