// Classes with defaults, and the replacement of the global one.

import { NATIVE, nativeEventSource } from "./environment.js";
import { requireArgument, ThroughlineEventSource } from "./event-source.js";
import type { EventSourceOptions } from "./types.js";

/**
 * A class like {@link ThroughlineEventSource} whose instances have these options unless they are
 * given others. The way to settle the flag, limits and credentials once for a whole page.
 */
export function defineEventSource(defaults: EventSourceOptions): typeof ThroughlineEventSource {
  return class EventSource extends ThroughlineEventSource {
    constructor(url: string | URL, init: EventSourceOptions = {}) {
      // biome-ignore lint/complexity/noArguments: as in the class above.
      requireArgument(arguments.length);
      super(url, withDefaults(init, defaults));
    }
  };
}

/** The options that are given; an explicit `undefined` counts as not given, as everywhere. */
export function withDefaults<T extends EventSourceOptions>(init: T, defaults: T): T {
  const given = Object.entries(init).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

/**
 * Replaces the global `EventSource`, for code that cannot be edited.
 *
 * With `transport: "native"` nothing is replaced: the browser's own class stays what it is. With a
 * function the drop-in is put in place, and asks it before every attempt.
 *
 * @returns a function that puts the former class back; open connections are not touched by it
 */
export function installEventSource(defaults: EventSourceOptions = {}): () => void {
  if (defaults.transport === "native") return () => {};
  const former = Object.getOwnPropertyDescriptor(globalThis, "EventSource");
  const replacement = defineEventSource(defaults);
  // The flag needs a way back to the class that is covered here.
  Object.defineProperty(replacement, NATIVE, { value: nativeEventSource() });
  Object.defineProperty(globalThis, "EventSource", {
    value: replacement,
    configurable: true,
    writable: true,
    enumerable: former?.enumerable ?? false,
  });
  return () => {
    if (former === undefined) Reflect.deleteProperty(globalThis, "EventSource");
    else Object.defineProperty(globalThis, "EventSource", former);
  };
}
