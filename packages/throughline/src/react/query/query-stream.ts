// What keeps the data of one query abreast of its stream, for all components that read that query.

import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { createFrameBatch } from "../frame-batch.js";
import { eventsAfter, isContained, isTooOld } from "../snapshot/snapshot.js";

/** How events become data; those of the newest rendering. */
export interface Rules<T> {
  readonly reduce: (data: T, event: MessageEvent<string>) => T;
  readonly positionOf: ((data: T) => string | undefined) | undefined;
}

/** One call of the query function. */
interface Asking {
  readonly askedAt: string;
  /** What has come since. */
  readonly events: MessageEvent<string>[];
  /** Whether events have gone missing since: then its answer may lack them. */
  isOutdated: boolean;
}

/** A gap may reach all readers at once; they ask anew within so many milliseconds. */
const SPREAD_MS = 300;
/** The query is fetched anew at least so far apart, whatever the server says of gaps. */
const LEAST_DISTANCE_MS = 1000;
/** The longest wait after failures, beside those that TanStack Query makes itself. */
const MAX_WAIT_MS = 30_000;
/** Events remembered during one fetch; with more, its answer is refused. */
const REMEMBERED_EVENTS = 10_000;

/** Who can say where the stream stands. */
interface Reading {
  readonly url: string;
  /** Where it began, for as long as its source has told nothing. */
  readonly begunAt: string;
  readonly source: { readonly lastEventId: string };
}

/** Under this name a client keeps its streams, so that they live and end with it. */
const STREAMS: unique symbol = Symbol("throughline.streams");

interface Streaming {
  [STREAMS]?: Map<string, unknown>;
}

/** The stream of a query: the same one for every component below the same client, as long as it lives. */
export function queryStreamOf<T>(
  client: QueryClient & Streaming,
  { queryKey, queryHash }: { readonly queryKey: QueryKey; readonly queryHash: string },
): QueryStream<T> {
  client[STREAMS] ??= new Map();
  const stream = client[STREAMS].get(queryHash) ?? new QueryStream<T>(client, queryKey);
  client[STREAMS].set(queryHash, stream);
  return stream as QueryStream<T>;
}

/**
 * Applies events to the data of one query.
 *
 * Of several components that read the query, one reads the stream; when it goes, the next one goes on
 * where it stood. Events that come while the query is fetched are applied to the data that is there,
 * and once more to what is fetched, unless that contains them already.
 */
export class QueryStream<T> {
  readonly #client: QueryClient;
  readonly #queryKey: QueryKey;
  readonly #members: object[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #batch = createFrameBatch<undefined>(() => this.#apply());
  #rules: Rules<T> | undefined;
  #pending: MessageEvent<string>[] = [];
  #asking: Asking | undefined;
  /** What has been fetched is on its way into the cache; nothing may be applied in between. */
  #isSettling = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #fetchedMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** The newest; kept when its reader goes, for the one that goes on. */
  #reading: Reading | undefined;
  isBehind = false;

  constructor(client: QueryClient, queryKey: QueryKey) {
    this.#client = client;
    this.#queryKey = queryKey;
  }

  /** Where the stream of `url` stands; empty where nobody knows. */
  cursorOf(url: string): string {
    const { source, begunAt, url: known } = this.#reading ?? {};
    return (known === url && (source?.lastEventId || begunAt)) || "";
  }

  /** A component begins to read. */
  read(url: string, source: Reading["source"]): void {
    this.#reading = { url, source, begunAt: this.cursorOf(url) };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  isReader(member: object): boolean {
    return this.#members[0] === member;
  }

  join(member: object): void {
    this.#members.push(member);
    this.#notify();
  }

  leave(member: object): void {
    this.#members.splice(this.#members.indexOf(member), 1);
    // The next one goes on after the last event that was told.
    this.#batch.flush();
    if (this.#members.length === 0) clearTimeout(this.#timer);
    this.#notify();
  }

  follow(rules: Rules<T>): void {
    this.#rules = rules;
  }

  /** The stream is open, from `cursor` on. Without one nobody knows what was missed before. */
  opened(cursor: string): void {
    if (cursor === "" || cursor === "latest" || this.isBehind) this.missed();
  }

  /** Events are missing: the query has to be fetched, and what is being fetched does not count. */
  missed(): void {
    if (this.#asking !== undefined) this.#asking.isOutdated = true;
    this.isBehind = true;
    this.#failures = 0;
    this.#plan();
    this.#notify();
  }

  onEvent(event: MessageEvent<string>): void {
    const { events, isOutdated } = this.#asking ?? {};
    if ((events?.length ?? 0) < REMEMBERED_EVENTS) events?.push(event);
    else if (isOutdated === false) this.missed();
    this.#pending.push(event);
    this.#batch.push(undefined);
  }

  /**
   * Fetches by `load`, from a place in the stream on that is taken before, and puts what has come
   * since on top.
   *
   * @throws Error where what was fetched is older than that place
   */
  async fetch(load: () => T | Promise<T>): Promise<T> {
    // What has come before may well be in the answer.
    this.#apply();
    const asking: Asking = { askedAt: this.#cursor, events: [], isOutdated: false };
    this.#asking = asking;
    this.#fetchedMs = performance.now();
    try {
      const data = await load();
      // TanStack Query has cancelled it, and asks no more what it brings.
      if (this.#asking !== asking) return data;
      return this.#finish(data, asking);
    } catch (error) {
      if (this.#asking === asking) this.#fail();
      throw error;
    }
  }

  get #cursor(): string {
    return this.cursorOf(this.#reading?.url ?? "");
  }

  #finish(data: T, { askedAt, events, isOutdated }: Asking): T {
    const position = this.#rules?.positionOf?.(data);
    if (isTooOld(position, askedAt)) {
      throw new Error(`Expected data as of ${askedAt} or later, got data as of ${position}.`);
    }
    this.#asking = undefined;
    this.#pending = [];
    this.#isSettling = true;
    setTimeout(() => {
      this.#isSettling = false;
      this.#apply();
    });
    if (isOutdated) {
      this.#failures = 0;
      this.#plan();
    } else {
      clearTimeout(this.#timer);
      this.isBehind = false;
      this.#failures = 0;
      this.#notify();
    }
    return this.#reduce(data, eventsAfter(events, position));
  }

  #fail(): void {
    this.#asking = undefined;
    if (!this.isBehind) return;
    this.#failures += 1;
    this.#plan();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#members.length === 0) return;
    const longestMs = Math.min(MAX_WAIT_MS, LEAST_DISTANCE_MS * 2 ** this.#failures);
    const [leastMs, spreadMs] =
      this.#failures === 0 ? [0, SPREAD_MS] : [longestMs / 2, longestMs / 2];
    const earliestMs = this.#fetchedMs + LEAST_DISTANCE_MS - performance.now();
    const delayMs = Math.max(earliestMs, leastMs + Math.random() * spreadMs);
    this.#timer = setTimeout(() => {
      // What was asked for before the gap is given up; a retry of what came after it is not.
      const cancelRefetch = this.#asking?.isOutdated === true;
      const filters = { queryKey: this.#queryKey, exact: true };
      void this.#client.invalidateQueries(filters, { cancelRefetch });
      // In case that nothing comes of it: the query may be put off, or its fetch go on from before.
      this.#failures += 1;
      this.#plan();
    }, delayMs);
  }

  /** Puts what has come into the cache. Without data there it will come with them. */
  #apply(): void {
    if (this.#isSettling || this.#pending.length === 0) return;
    const events = this.#pending;
    this.#pending = [];
    this.#client.setQueryData<T>(this.#queryKey, (data) =>
      data === undefined ? undefined : this.#reduce(data, events),
    );
  }

  #reduce(data: T, events: readonly MessageEvent<string>[]): T {
    const rules = this.#rules;
    if (rules === undefined) return data;
    return events.reduce(
      (before, event) =>
        isContained(event, rules.positionOf?.(before)) ? before : rules.reduce(before, event),
      data,
    );
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
