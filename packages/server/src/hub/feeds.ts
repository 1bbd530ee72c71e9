// The feeds of a hub, one per stream that somebody reads.

import type { StreamName } from "../log/stream-name.js";
import type { StopTimer } from "./environment.js";
import { Feed, type FeedOptions } from "./feed.js";

/** How long a feed outlives its last reader: those who only dropped find it warm. */
const LINGER_MS = 30_000;

/** Most feeds without readers; beyond it the one that has been idle for longest goes at once. */
const MOST_IDLE = 1000;

/** Opens feeds when they are needed, shares them, and closes them when they are not. */
export class Feeds {
  readonly #options: FeedOptions;
  readonly #feeds = new Map<StreamName, Feed>();
  /** Feeds that are being opened, so that a stream does not get two. */
  readonly #opening = new Map<StreamName, Promise<Feed>>();
  /** Feeds without holders, in the order in which they became idle. */
  readonly #idle = new Map<Feed, StopTimer>();

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#feeds.size;
  }

  /** The feed of a stream, held until {@link release}. Rejects where the log cannot be read. */
  async hold(stream: StreamName): Promise<Feed> {
    const feed = this.#usable(stream) ?? (await this.#open(stream));
    feed.holders += 1;
    this.#idle.get(feed)?.();
    this.#idle.delete(feed);
    return feed;
  }

  /** The feed of a stream, if somebody reads it, or has until recently. */
  find(stream: StreamName): Feed | undefined {
    return this.#feeds.get(stream);
  }

  /** Gives a feed back. */
  release(feed: Feed): void {
    feed.holders -= 1;
    if (feed.holders > 0) return;
    const { environment } = this.#options;
    this.#idle.set(
      feed,
      environment.after(LINGER_MS, () => this.#close(feed)),
    );
    const [longestIdle] = this.#idle.keys();
    if (this.#idle.size > MOST_IDLE && longestIdle !== undefined) this.#close(longestIdle);
  }

  /**
   * Opens the tails of all feeds anew, from where each stands. Where the log refuses one, the others
   * are opened all the same.
   *
   * @param onError is told what the log said
   */
  reopenTails(onError: (error: unknown, stream: StreamName) => void): void {
    for (const feed of this.#feeds.values()) {
      try {
        feed.reopenTail();
      } catch (error) {
        onError(error, feed.stream);
      }
    }
    this.#options.observer?.({ kind: "tails-reopened", feeds: this.#feeds.size });
  }

  /** Closes all feeds; nobody may hold one any more. */
  closeAll(): void {
    for (const feed of [...this.#idle.keys()]) this.#close(feed);
  }

  /**
   * The feed that is there. One whose stream is complete hears nothing any more, also not that the
   * stream was removed and begun anew: for a new reader the log is asked again.
   */
  #usable(stream: StreamName): Feed | undefined {
    const feed = this.#feeds.get(stream);
    return feed?.isSealed === true ? undefined : feed;
  }

  #open(stream: StreamName): Promise<Feed> {
    const known = this.#opening.get(stream);
    if (known !== undefined) return known;
    const opening = this.#openNow(stream).finally(() => this.#opening.delete(stream));
    this.#opening.set(stream, opening);
    return opening;
  }

  async #openNow(stream: StreamName): Promise<Feed> {
    const head = await this.#options.log.head(stream);
    const feed = new Feed(this.#options, stream, head);
    this.#feeds.set(stream, feed);
    return feed;
  }

  #close(feed: Feed): void {
    this.#idle.get(feed)?.();
    this.#idle.delete(feed);
    if (this.#feeds.get(feed.stream) === feed) this.#feeds.delete(feed.stream);
    feed.close();
  }
}
