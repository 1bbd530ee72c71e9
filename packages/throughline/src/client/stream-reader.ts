// From bytes to meaning: what the body of a response says, with the reader's bookmark kept.

import type { Bookmark, Gap, Meaning, ParsedEvent, Parser, Source } from "../core/index.js";
import {
  advance,
  createParser,
  FRESH_BOOKMARK,
  greeted,
  jump,
  readBlock,
  StreamError,
  turnPage,
} from "../core/index.js";

/** What a reader has use for of a server's greeting. */
export type Greeting = Omit<Extract<Meaning, { kind: "hello" }>, "kind">;

/** Who is told what a stream says, in the stream's order. */
export interface StreamListener {
  /** An event for the application, once and in order. The bookmark moves when this returns. */
  onEvent(event: ParsedEvent): void;
  onGap(gap: Gap): void;
  onHello(hello: Greeting): void;
  onRetry(retryMs: number): void;
  onDrain(withinMs: number): void;
  onRenew(expiresInMs: number): void;
  onEnd(): void;
  onSource(source: Source): void;
}

/** Reads one response after the other for one reader. */
export class StreamReader {
  bookmark: Bookmark;
  readonly counts = { eventsDelivered: 0, duplicatesDropped: 0, gaps: 0 };
  readonly #listener: StreamListener;
  readonly #parser: Parser;
  /** Whether the present response was asked for without a word of where the reader stands. */
  #isPlaceUnknown = false;

  constructor(listener: StreamListener, lastEventId: string, maxEventLength: number) {
    this.#listener = listener;
    this.bookmark = jump(FRESH_BOOKMARK, lastEventId);
    this.#parser = createParser(
      {
        onEvent: (event) => this.#onBlock(event),
        onId: (id) => this.#advance(id),
        onRetry: (retryMs) => listener.onRetry(retryMs),
      },
      { maxEventLength, decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
    );
  }

  /**
   * Begins a new response.
   *
   * @param isPlaceUnknown whether its server may not have understood where the reader stands: unless
   * it greets, a gap is told, because what it sends may not join on
   * @param shownId where the reader stood when its request left
   */
  begin(isPlaceUnknown: boolean, shownId: string | undefined): void {
    this.bookmark = turnPage(this.bookmark, shownId);
    this.#isPlaceUnknown = isPlaceUnknown;
    this.#parser.reset(this.bookmark.lastEventId);
  }

  /** Leaves the response, also from inside a listener: nothing more of it is told. */
  leave(): void {
    this.#parser.reset(this.bookmark.lastEventId);
  }

  /** Goes on from another place: where somebody else has read to. */
  moveTo(lastEventId: string): void {
    this.bookmark = jump(this.bookmark, lastEventId);
  }

  /** Reads a chunk of the body. `"overflow"`: it holds an event that is too large to read. */
  read(chunk: Uint8Array): "read" | "overflow" {
    try {
      this.#parser.push(chunk);
      return "read";
    } catch (error) {
      if (error instanceof StreamError && error.code === "event-too-large") return "overflow";
      throw error;
    }
  }

  #onBlock(event: ParsedEvent): void {
    const meaning = readBlock(this.bookmark, event);
    if (this.#isPlaceUnknown) {
      this.#isPlaceUnknown = false;
      if (meaning.kind !== "hello")
        this.#tellGap({ from: null, to: null, reason: "unknown-cursor" });
    }
    switch (meaning.kind) {
      case "event":
        this.counts.eventsDelivered += 1;
        this.#listener.onEvent(event);
        this.#advance(event.id);
        break;
      case "duplicate":
        this.counts.duplicatesDropped += 1;
        break;
      case "hello":
        this.bookmark = greeted(this.bookmark);
        this.#listener.onHello(meaning);
        break;
      case "gap":
        this.bookmark = jump(this.bookmark, event.id);
        this.#tellGap(meaning.gap);
        break;
      case "drain":
        this.#listener.onDrain(meaning.withinMs);
        break;
      case "renew":
        this.#listener.onRenew(meaning.expiresInMs);
        break;
      case "end":
        this.#advance(event.id);
        this.#listener.onEnd();
        break;
      case "source":
        this.#listener.onSource(meaning.source);
        break;
      case "quiet":
        this.#advance(event.id);
        break;
    }
  }

  #tellGap(gap: Gap): void {
    this.counts.gaps += 1;
    this.#listener.onGap(gap);
  }

  #advance(id: string | undefined): void {
    this.bookmark = advance(this.bookmark, id);
  }
}
