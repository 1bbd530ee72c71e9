// Puts the clocks, timers, chance and window of the simulation in the place of the real ones, for as long as
// a run lasts. Production code reads them at each call, so nothing of it has to be changed or told.

import type { PageListener } from "./machine.js";
import { VirtualTimer } from "./machine.js";
import type { VirtualClock } from "./virtual-clock.js";

/** The global names that are replaced. */
type Replacements = Readonly<Record<string, unknown>>;

/**
 * Replaces the globals by those of a clock.
 *
 * @param random in place of `Math.random`
 * @returns a function that puts the real ones back
 */
export function installVirtualGlobals(clock: VirtualClock, random: () => number): () => void {
  const restoreGlobals = replace(globalThis, virtualGlobals(clock));
  const restoreDate = replace(Date, { now: () => clock.machine.calendarMs });
  const restoreMath = replace(Math, { random });
  return () => {
    restoreMath();
    restoreDate();
    restoreGlobals();
  };
}

function virtualGlobals(clock: VirtualClock): Replacements {
  const clear = (timer: unknown) => {
    if (timer instanceof VirtualTimer) timer.machine.clearTimer(timer);
  };
  return {
    setTimeout: (run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) =>
      clock.machine.setTimer(() => run(...args), delayMs),
    setInterval: (run: (...args: unknown[]) => void, everyMs = 0, ...args: unknown[]) =>
      clock.machine.setRepeating(() => run(...args), everyMs),
    clearTimeout: clear,
    clearInterval: clear,
    setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
      clock.after(clock.machine, 0, () => run(...args)),
    performance: { now: () => clock.machine.monotonicMs },
    addEventListener: (type: string, listener: PageListener) =>
      clock.machine.listen(type, listener),
    removeEventListener: (type: string, listener: PageListener) =>
      clock.machine.stopListening(type, listener),
  };
}

/** Replaces members of an object; returns a function that puts back what was there. */
function replace(target: object, replacements: Replacements): () => void {
  const former = Object.keys(replacements).map(
    (name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const,
  );
  for (const [name, value] of Object.entries(replacements)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of former) {
      if (descriptor === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, descriptor);
    }
  };
}
