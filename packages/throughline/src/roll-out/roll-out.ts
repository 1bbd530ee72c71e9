// A flag by percentage: the same people each time, and with a higher percentage the same and more.

import { StreamError, type TransportFlag, type TransportName } from "../client/index.js";

/** Options of {@link rollOut}. */
export interface RollOutOptions {
  /**
   * What stays the same for one person, such as the user's name, or a random text that is kept in
   * localStorage. Not the session, or everybody changes sides at each login.
   */
  readonly key: string;
  /** 0 (nobody) to 100 (everybody); fractions down to 0.01 count. */
  readonly percent: number;
  /** Another text draws other people: for a second roll-out that is not to begin with the same. Default `""`. */
  readonly salt?: string | undefined;
}

/** How a percentage is changed. */
export interface SetOptions {
  /** Open connections change over at once, and not at their next attempt. Default `false`. */
  readonly atOnce?: boolean | undefined;
}

/** A flag for the option `transport`, whose percentage can be changed. */
export interface RollOut extends TransportFlag {
  /** @throws StreamError `invalid-option` for what is no percentage; nothing changes then */
  set(percent: number, options?: SetOptions): void;
  subscribe(listener: () => void): () => void;
}

/**
 * A flag that gives the drop-in to a share of the people.
 *
 * Who has it at some percentage has it at each higher one. The same key and salt are always decided alike,
 * in every browser and on the server.
 *
 * @throws StreamError `invalid-option` for what is no percentage
 */
export function rollOut({ key, percent, salt = "" }: RollOutOptions): RollOut {
  const share = shareOf(salt + key);
  const listeners = new Set<() => void>();
  let present = checked(percent);
  const flag = (): TransportName => (share < present * 100 ? "throughline" : "native");
  return Object.assign(flag, {
    set(wanted: number, { atOnce = false }: SetOptions = {}) {
      present = checked(wanted);
      if (atOnce) for (const listener of [...listeners]) listener();
    },
    subscribe(listener: () => void) {
      // A wrapper of its own for each call, so that one function can subscribe twice.
      const entry = () => listener();
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
  });
}

function checked(percent: number): number {
  if (typeof percent === "number" && percent >= 0 && percent <= 100) return percent;
  throw new StreamError(`percent: expected a number from 0 to 100, got ${String(percent)}.`, {
    code: "invalid-option",
    fault: "local",
  });
}

/** A number from 0 to 9999 that belongs to a text. */
function shareOf(text: string): number {
  // FNV-1a. Any hash does that spreads keys evenly and is the same tomorrow.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  // The highest bits of this hash hardly move with the last characters, its lowest do.
  return ((hash ^ (hash >>> 16)) >>> 0) % 10_000;
}
