// Remembers where sources have read to, for the sources that come after them.

import type { Continuity, Place } from "../client/index.js";
import { type CursorStorage, loadPlaces, type StoredPlace, savePlaces } from "./place-store.js";

export type { CursorStorage } from "./place-store.js";

/** Options of {@link rememberCursors}. */
export interface RememberOptions {
  /**
   * Where places are kept beyond the page: `sessionStorage` for those of a tab, which last over
   * reloads. Anything with `getItem` and `setItem`. Default: nowhere, they end with the page.
   */
  readonly storage?: CursorStorage | undefined;
  /**
   * Whose places these are, such as the user's name: another name finds none of them. A cursor gives
   * no rights, but it is no use to another person. Default `""`.
   */
  readonly owner?: string | undefined;
  /**
   * How long a place that was left can be taken up, in milliseconds. Default 60 000. Who comes later
   * begins as if there had been nobody.
   */
  readonly maxAgeMs?: number | undefined;
  /** Most places that are kept; beyond them the oldest are dropped. Default 50. */
  readonly maxPlaces?: number | undefined;
}

/** The place of a source that is open. */
interface OpenPlace {
  readonly id: string;
  readonly key: string;
  read(): string;
  /** Whether it has been forgotten, or another source has it now. */
  isGone: boolean;
}

/** A place that nobody has, and who had it, if that was in this page. */
interface LeftPlace extends StoredPlace {
  readonly by?: OpenPlace;
}

/** How often open places are put into the storage. */
const SAVE_EVERY_MS = 1000;

/**
 * Lets a source go on where one before it, for the same URL and with the same credentials, was left:
 * by `close()`, by a reload, by a crash of the page. Pass it as the option `continuity`, the same one to all
 * sources of a page.
 *
 * Guarantees: a source that was closed, that failed, or whose page was left in good order, is
 * continued exactly where it was: nothing is lost and nothing comes twice. An event whose handler
 * closes the source counts as had. After a crash up to a second of
 * events may come again, because places are stored once a second. A place belongs to one source at a
 * time: of several sources for one URL each has its own; the one that was left last is taken up first,
 * but those of the page before in their order. Two tabs, also one that was duplicated, do not touch each other's places as long as
 * the storage is the tab's own.
 *
 * A place is forgotten by `close({ forget: true })`, when the stream is complete, and after `maxAgeMs`.
 */
export function rememberCursors(options: RememberOptions = {}): Continuity {
  const { storage, owner = "", maxAgeMs = 60_000, maxPlaces = 50 } = options;
  /** By id, the oldest first. */
  const left = new Map<string, LeftPlace>();
  const open = new Map<string, OpenPlace>();
  const forgotten = new Set<string>();
  /** Those of the page before that nobody has taken up. */
  const found = new Set<string>();
  let timer: ReturnType<typeof setInterval> | undefined;

  for (const place of loadPlaces(storage)) {
    left.set(place.id, place);
    found.add(place.id);
  }
  watchPage(save);

  const isRecent = ({ atMs }: StoredPlace) => Date.now() - atMs < maxAgeMs;

  function take(key: string): StoredPlace | undefined {
    const places = [...left.values()];
    // Classes close a source and open the next in one turn; pages open theirs in the same order again.
    const newestFirst = places.filter(({ id }) => !found.has(id)).reverse();
    for (const place of [...newestFirst, ...places]) {
      if (!isRecent(place)) left.delete(place.id);
      else if (place.key === key) {
        left.delete(place.id);
        found.delete(place.id);
        if (place.by !== undefined) place.by.isGone = true;
        return place;
      }
    }
    return undefined;
  }

  function begin(url: string, withCredentials: boolean, read: () => string): Place {
    const key = JSON.stringify([owner, url, withCredentials]);
    const taken = take(key);
    const id = taken?.id ?? newId();
    const place: OpenPlace = { id, key, read, isGone: false };
    open.set(id, place);
    if (storage !== undefined) timer ??= startTimer(save);
    return { lastEventId: taken?.cursor ?? "", leave: (forget) => leave(place, forget) };
  }

  function leave(place: OpenPlace, forget: boolean): void {
    const { id, key, read } = place;
    if (place.isGone) return;
    // It may have been left before, when its source failed: then this is the later moment.
    open.delete(id);
    left.delete(id);
    const cursor = read();
    place.isGone = forget || cursor === "";
    if (place.isGone) forgotten.add(id);
    else left.set(id, { id, key, cursor, atMs: Date.now(), by: place });
    save();
    if (open.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  /** A page in the same tab may have stored places since: they stay, unless they are known better here. */
  function save(): void {
    const atMs = Date.now();
    const places = new Map(loadPlaces(storage).map((place) => [place.id, place]));
    for (const { by: _by, ...place } of left.values()) places.set(place.id, place);
    for (const [id, { key, read }] of open) {
      const cursor = read();
      if (cursor !== "") places.set(id, { id, key, cursor, atMs });
    }
    for (const id of forgotten) places.delete(id);
    const kept = [...places.values()]
      .filter(isRecent)
      .sort((one, other) => one.atMs - other.atMs)
      .slice(-maxPlaces);
    savePlaces(storage, kept);
    const ids = new Set(kept.map(({ id }) => id));
    for (const id of left.keys()) if (!ids.has(id)) left.delete(id);
    forgotten.clear();
  }

  return { begin };
}

function newId(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}

/** A timer that keeps no process alive. */
function startTimer(callback: () => void): ReturnType<typeof setInterval> {
  const timer = setInterval(callback, SAVE_EVERY_MS);
  (timer as { unref?: () => void }).unref?.();
  return timer;
}

/** Calls back when the page may be about to go; some browsers say so only by hiding it. */
function watchPage(onLeaving: () => void): void {
  if (typeof globalThis.addEventListener !== "function") return;
  globalThis.addEventListener("pagehide", onLeaving);
  const page = globalThis.document as Document | undefined;
  page?.addEventListener("visibilitychange", () => {
    if (page.visibilityState === "hidden") onLeaving();
  });
}
