// Which streams the gateway has in its log, so that those that nobody asks for any more are removed: each
// login and each ward makes others, and a log has room for so many. Kept in the log itself, because
// a log does not tell what streams it has, and the gateway may be another process tomorrow.

import { type EventLog, parseStreamName, type StreamName } from "../log/index.js";

/** How a registry is kept. */
export interface StreamRegistryOptions {
  readonly log: EventLog;
  /** Whether somebody reads a stream, or has until recently. */
  readonly isInUse: (stream: StreamName) => boolean;
  readonly onError: (error: unknown) => void;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: (() => number) | undefined;
  /** Streams that nobody has asked for in this time are removed. Default a week, as readers go away. */
  readonly keepMs?: number | undefined;
  /** More streams than this are not kept: the longest unused go. Default 5000, half of a log's room. */
  readonly most?: number | undefined;
}

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** A stream that is used all the time is noted so often. */
const NOTE_EVERY_MS = HOUR_MS;

/** Notes since the last summary, after which another one is written and the notes are trimmed. */
const NOTES_PER_SUMMARY = 1000;

/** A summary is repeated so often: the log keeps nothing for ever, and does not know what this is. */
const SUMMARY_EVERY_MS = 6 * HOUR_MS;

/** Where the notes are. No route has this name: it has no dot. */
export const REGISTRY_STREAM: StreamName = parseStreamName("gateway.streams");

/** Options with everything decided. */
type Settings = {
  readonly [Key in keyof StreamRegistryOptions]-?: Exclude<StreamRegistryOptions[Key], undefined>;
};

/** A note: these streams were asked for last at these moments. */
type Note = Readonly<Record<string, number>>;

/** Knows the streams of a gateway, the one that was used last at the end. */
export class StreamRegistry {
  readonly #options: Settings;
  /** When each was asked for last. */
  readonly #used = new Map<StreamName, number>();
  /** When that was noted last. */
  readonly #noted = new Map<StreamName, number>();
  #notes = 0;
  #summarizedMs = Number.NEGATIVE_INFINITY;
  readonly #timer: NodeJS.Timeout;
  /** One thing after the other. */
  #work: Promise<void>;

  constructor(options: StreamRegistryOptions) {
    const { now = Date.now, keepMs = WEEK_MS, most = 5000 } = options;
    this.#options = { ...options, now, keepMs, most };
    this.#work = this.#do(() => this.#load());
    this.#timer = setInterval(() => this.sweep(), HOUR_MS).unref();
  }

  /** A stream is asked for. */
  use(stream: StreamName): void {
    const nowMs = this.#options.now();
    this.#work = this.#work.then(() => this.#do(() => this.#note(stream, nowMs)));
  }

  /** Removes what nobody asks for any more. Resolves when it is gone. */
  sweep(): Promise<void> {
    this.#work = this.#work.then(() => this.#do(() => this.#removeOld()));
    return this.#work;
  }

  /** Resolves when everything is noted. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
  }

  /** A registry that fails costs room in the log, and no reader its stream. */
  async #do(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async #load(): Promise<void> {
    const { log } = this.#options;
    const { epoch, earliest, offset: through } = await log.head(REGISTRY_STREAM);
    let after = earliest - 1;
    while (after < through) {
      const limits = { limit: 500, maxBytes: 4 * 1024 * 1024 };
      const page = await log.read(REGISTRY_STREAM, { after, epoch, through, ...limits });
      if (page.kind === "gap" || page.events.length === 0) break;
      for (const { data, offset } of page.events) {
        for (const [name, usedMs] of Object.entries(JSON.parse(data) as Note)) {
          this.#touch(parseStreamName(name), usedMs);
        }
        after = offset;
      }
    }
    await this.#removeOld();
  }

  async #note(stream: StreamName, nowMs: number): Promise<void> {
    this.#touch(stream, nowMs);
    if (nowMs - (this.#noted.get(stream) ?? Number.NEGATIVE_INFINITY) >= NOTE_EVERY_MS) {
      await this.#append({ [stream]: nowMs });
      this.#noted.set(stream, nowMs);
    }
    if (this.#used.size > this.#options.most) await this.#removeOld();
  }

  async #removeOld(): Promise<void> {
    const { log, isInUse, keepMs, most, now } = this.#options;
    const oldestMs = now() - keepMs;
    let isChanged = false;
    for (const [stream, usedMs] of [...this.#used]) {
      if (usedMs > oldestMs && this.#used.size <= most) break;
      if (isInUse(stream)) continue;
      await log.remove(stream);
      this.#used.delete(stream);
      this.#noted.delete(stream);
      isChanged = true;
    }
    const isDue = this.#used.size > 0 && now() - this.#summarizedMs >= SUMMARY_EVERY_MS;
    if (isChanged || isDue || this.#notes >= NOTES_PER_SUMMARY) await this.#summarize();
  }

  /** Says all of it in one note, in place of all others. */
  async #summarize(): Promise<void> {
    const { log } = this.#options;
    const offset = await this.#append(Object.fromEntries(this.#used));
    await log.trim(REGISTRY_STREAM, offset - 1);
    this.#notes = 0;
    this.#summarizedMs = this.#options.now();
  }

  async #append(note: Note): Promise<number> {
    const { events } = await this.#options.log.append(REGISTRY_STREAM, [
      { data: JSON.stringify(note) },
    ]);
    this.#notes += 1;
    return events[0]?.offset ?? 0;
  }

  #touch(stream: StreamName, usedMs: number): void {
    this.#used.delete(stream);
    this.#used.set(stream, usedMs);
  }
}
