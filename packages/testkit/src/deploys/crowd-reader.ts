// One reader of a crowd: does what the client does with a drain, an end, a refusal and a silence, at a
// fraction of its cost, and notes what it sees.

import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { createParser } from "throughline/core";

/** What all readers of a crowd have in common. */
export interface CrowdSettings {
  readonly url: string;
  /** Whether a reader that is told to leave opens its next connection before it does. */
  readonly isHandingOver: boolean;
  /** Called for every request, with its moment. */
  readonly onRequest: (atMs: number) => void;
}

/** What one reader has seen. */
export interface Sightings {
  /** Events that were missing between two that came. */
  lost: number;
  /** Events that came again over the same connection, or that a resumed one began with. */
  repeated: number;
  /** Longest time without a byte since the measurement began, in milliseconds. */
  longestGapMs: number;
  /** Gaps that the server has announced. */
  announcedGaps: number;
}

/** The share of a drain's time in which the client begins its handover. */
const HANDOVER_SHARE = 0.7;

/** Bounds of the wait before a retry, in milliseconds: grows by doubling, with full jitter. */
const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 3000;
const LEAST_RETRY_MS = 30;

/**
 * A silence as long as this is a lost connection: the deadline that a hub announces, and the client's
 * first connect timeout.
 */
const DEADLINE_MS = 1700;

/** A reader that keeps itself connected. */
export class CrowdReader {
  readonly sightings: Sightings = { lost: 0, repeated: 0, longestGapMs: 0, announcedGaps: 0 };
  readonly #settings: CrowdSettings;
  #cursor = "";
  #offset = 0;
  #lastByteMs = 0;
  /** When the last attempt began: it has the whole deadline for its first byte. */
  #askedMs = 0;
  #current: Attempt | undefined;
  #successor: Attempt | undefined;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(settings: CrowdSettings) {
    this.#settings = settings;
  }

  /** The offset of the newest event. */
  get offset(): number {
    return this.#offset;
  }

  get isLive(): boolean {
    return this.#current?.hasBytes === true;
  }

  /** Connects, again if it has to, until it is stopped. */
  start(): void {
    this.#current = this.#connect();
  }

  /** Begins to measure gaps, from now. */
  measure(nowMs: number): void {
    this.sightings.longestGapMs = 0;
    this.#lastByteMs = nowMs;
  }

  /** Takes a silence that lasts for the loss of the connection, as the client's watchdog does. */
  watch(nowMs: number): void {
    const silentMs = nowMs - Math.max(this.#lastByteMs, this.#askedMs);
    if (silentMs <= DEADLINE_MS || this.#current === undefined) return;
    this.#current.abandon();
    this.#retry(0);
  }

  stop(nowMs: number): void {
    this.#isStopped = true;
    this.#note(nowMs);
    clearTimeout(this.#timer);
    this.#current?.abandon();
    this.#successor?.abandon();
  }

  #connect(): Attempt {
    this.#askedMs = performance.now();
    this.#settings.onRequest(this.#askedMs);
    const attempt = new Attempt(this.#settings.url, this.#cursor, {
      onBytes: () => this.#onBytes(attempt),
      onEvent: (type, id, data) => this.#onEvent(attempt, type, id, data),
      onOver: (retryAfterMs) => this.#onOver(attempt, retryAfterMs),
    });
    return attempt;
  }

  #onBytes(attempt: Attempt): void {
    this.#note(performance.now());
    this.#failures = 0;
    if (attempt !== this.#successor) return;
    // Make before break: the new connection brings bytes, the old one is not needed any more.
    this.#current?.abandon();
    this.#current = attempt;
    this.#successor = undefined;
  }

  #note(nowMs: number): void {
    const { sightings } = this;
    sightings.longestGapMs = Math.max(sightings.longestGapMs, nowMs - this.#lastByteMs);
    this.#lastByteMs = nowMs;
  }

  #onEvent(attempt: Attempt, type: string, id: string | undefined, data: string): void {
    if (type === "throughline.gap") this.sightings.announcedGaps += 1;
    if (type === "throughline.drain") this.#onDrain(JSON.parse(data).withinMs);
    if (type.startsWith("throughline.")) {
      if (id !== undefined && this.#cursor === "") this.#adopt(id);
      return;
    }
    const offset = offsetOf(id);
    if (offset <= attempt.offset) this.sightings.repeated += 1;
    attempt.offset = offset;
    // What a handover's two connections both bring is taken once.
    if (offset <= this.#offset) return;
    this.sightings.lost += offset - this.#offset - 1;
    this.#adopt(id);
  }

  #adopt(id: string | undefined): void {
    this.#cursor = id ?? "";
    this.#offset = offsetOf(id);
  }

  #onDrain(withinMs: number): void {
    if (!this.#settings.isHandingOver || this.#successor !== undefined) return;
    this.#after(Math.random() * withinMs * HANDOVER_SHARE, () => {
      this.#successor ??= this.#connect();
    });
  }

  #onOver(attempt: Attempt, retryAfterMs: number): void {
    if (this.#isStopped) return;
    if (attempt === this.#successor) {
      this.#successor = undefined;
      // The old connection is still there: another successor is asked for when it has ended, or then.
      this.#after(Math.max(1000, retryAfterMs), () => {
        if (this.#current !== undefined) this.#successor ??= this.#connect();
      });
    } else if (attempt === this.#current) {
      this.#retry(retryAfterMs);
    }
  }

  #retry(retryAfterMs: number): void {
    this.#current = undefined;
    if (this.#successor !== undefined) {
      this.#current = this.#successor;
      this.#successor = undefined;
      return;
    }
    const most = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#after(Math.max(LEAST_RETRY_MS, retryAfterMs, Math.random() * most), () => {
      this.#current ??= this.#connect();
    });
  }

  /** One plan at a time: the newest counts. */
  #after(delayMs: number, task: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(task, delayMs);
  }
}

interface AttemptListener {
  onBytes(): void;
  onEvent(type: string, id: string | undefined, data: string): void;
  /** It has failed or ended; milliseconds from now that the server wants to be left alone. */
  onOver(retryAfterMs: number): void;
}

/** One request, until its response is over. */
class Attempt {
  hasBytes = false;
  /** The newest offset that came over this connection, or that it was asked to go on after. */
  offset: number;
  readonly #request: ClientRequest;
  readonly #listener: AttemptListener;
  #isOver = false;

  constructor(url: string, cursor: string, listener: AttemptListener) {
    this.offset = offsetOf(cursor);
    this.#listener = listener;
    const headers = cursor === "" ? {} : { "last-event-id": cursor };
    this.#request = request(url, { agent: false, headers }, (response) => this.#read(response));
    this.#request.on("error", () => this.#over(0));
    this.#request.end();
  }

  abandon(): void {
    this.#isOver = true;
    this.#request.destroy();
  }

  #read(response: IncomingMessage): void {
    if (response.statusCode !== 200) {
      response.resume();
      this.#over(Number(response.headers["retry-after"] ?? 0) * 1000);
      return;
    }
    const parser = createParser(
      { onEvent: ({ type, id, data }) => this.#listener.onEvent(type, id, data) },
      { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
    );
    response.on("data", (bytes: Uint8Array) => {
      if (this.#isOver) return;
      this.hasBytes = true;
      this.#listener.onBytes();
      parser.push(bytes);
    });
    response.on("close", () => this.#over(0));
    // A response that is cut says so, and is then closed, which is what counts.
    response.on("error", () => {});
  }

  #over(retryAfterMs: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onOver(retryAfterMs);
  }
}

/** The offset in a cursor; 0 where there is none. */
function offsetOf(cursor: string | undefined): number {
  return Number(cursor?.slice(cursor.indexOf(".") + 1) ?? 0);
}
