// What a connection needs of the world around it, as arguments: tests pass virtual time.

import { pageTimers } from "./page-timers.js";
import type { EventSourceOptions, FetchLike, TransportName } from "./types.js";

/** Names a timer towards {@link Environment.clearTimer}. */
export type TimerId = unknown;

/** Clock, timers, chance and the page's signals. */
export interface Environment {
  /** Milliseconds on a clock that never goes back. */
  nowMs(): number;
  /** Milliseconds since 1970. */
  epochMs(): number;
  /** From 0 up to, but not including, 1. */
  random(): number;
  setTimer(callback: () => void, delayMs: number): TimerId;
  clearTimer(timer: TimerId): void;
  readonly fetch: FetchLike;
  /** The origin of the page; `undefined` outside of pages, where nothing is cross-origin. */
  readonly origin: string | undefined;
  /** What relative URLs are relative to; `undefined` where they make no sense. */
  readonly baseUrl: string | undefined;
  /** The platform's own `EventSource`; `undefined` where it has none. */
  readonly nativeEventSource: typeof globalThis.EventSource | undefined;
  /** Calls back when the page or the network changes; returns a function that ends it. */
  watchPage(listener: (signal: PageSignal) => void): () => void;
}

/**
 * `nudge`: something has changed, mostly for the better. `suspend` and `resume`: the page is put aside, or is
 * back. That the network is gone (`offline`) is no signal: it is often said of one that is there.
 */
export type PageSignal = "nudge" | "suspend" | "resume";

/** The world as it is: the browser's, or Node's. */
export function createEnvironment({
  fetch,
  ref = true,
  timerWorker,
}: Pick<EventSourceOptions, "fetch" | "ref" | "timerWorker">): Environment {
  const timers = pageTimers(timerWorker);
  const location = globalThis.location as Location | undefined;
  return {
    nowMs: () => performance.now(),
    epochMs: () => Date.now(),
    random: Math.random,
    setTimer: (callback, delayMs) => {
      if (timers !== undefined) return timers.set(callback, delayMs);
      const timer: TimerId = setTimeout(callback, delayMs);
      if (!ref) (timer as { unref?(): void }).unref?.();
      return timer;
    },
    clearTimer: (timer) =>
      timers === undefined ? clearTimeout(timer as number) : timers.clear(timer as number),
    fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)),
    origin: location?.origin,
    baseUrl: (globalThis.document as Document | undefined)?.baseURI ?? location?.href,
    nativeEventSource: nativeEventSource(),
    watchPage,
  };
}

/** Under this name a class that replaced the global `EventSource` keeps the one it replaced. */
export const NATIVE: unique symbol = Symbol.for("throughline.native");

/** The platform's own `EventSource`, also where the global one has been replaced. */
export function nativeEventSource(): typeof EventSource | undefined {
  const present = globalThis.EventSource as (typeof EventSource & Covering) | undefined;
  return present !== undefined && NATIVE in present ? present[NATIVE] : present;
}

interface Covering {
  readonly [NATIVE]?: typeof EventSource | undefined;
}

/** Which transport can be used: `native` needs a native EventSource. */
export function available(wanted: TransportName, environment: Environment): TransportName {
  return environment.nativeEventSource === undefined ? "throughline" : wanted;
}

/** Whether a request to `url` can ever succeed: its scheme, or the page's own, which the host knows. */
export function isFetchable(url: string, origin: string | undefined): boolean {
  const { protocol } = new URL(url);
  const known = ["http:", "https:", "data:", "blob:"].includes(protocol);
  return known || (origin?.startsWith(`${protocol}//`) ?? false);
}

/** `navigator.connection` (Network Information API) knows of another network that is no new one. */
type Target = "window" | "document" | "network";

const PAGE_EVENTS: readonly { type: string; signal: PageSignal; on: Target }[] = [
  { type: "online", signal: "nudge", on: "window" },
  { type: "pageshow", signal: "resume", on: "window" },
  { type: "pagehide", signal: "suspend", on: "window" },
  { type: "freeze", signal: "suspend", on: "document" },
  { type: "resume", signal: "resume", on: "document" },
  { type: "visibilitychange", signal: "nudge", on: "document" },
  { type: "change", signal: "nudge", on: "network" },
];

/** Page Lifecycle and network events, where there are any; workers have only `online`. */
function watchPage(listener: (signal: PageSignal) => void): () => void {
  const page = globalThis.document as Document | undefined;
  if (typeof globalThis.addEventListener !== "function") return () => {};
  const { connection } = (globalThis.navigator ?? {}) as { readonly connection?: EventTarget };
  const targets = { window: globalThis, document: page, network: connection };
  const watched = PAGE_EVENTS.flatMap(({ type, signal, on }) => {
    const target: EventTarget | undefined = targets[on];
    const tell = () => {
      if (type !== "visibilitychange" || page?.visibilityState === "visible") listener(signal);
    };
    return target === undefined ? [] : [{ target, type, tell }];
  });
  for (const { target, type, tell } of watched) target.addEventListener(type, tell);
  return () => {
    for (const { target, type, tell } of watched) target.removeEventListener(type, tell);
  };
}
