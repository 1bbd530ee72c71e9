// The world in which the re-created classes are held against the contract: a virtual clock, no
// chance, and an EventSource that does what the test says.

import { afterEach, beforeEach, vi } from "vitest";
import { FakeEventSource } from "./fake-event-source.js";

/** When every test begins, epoch milliseconds. */
export const startMs = Date.parse("2026-01-01T00:00:00Z");

/** Puts all tests of the file into that world. */
export function enterVirtualWorld(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: startMs });
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    vi.stubGlobal("EventSource", FakeEventSource);
    FakeEventSource.reset();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}

/** Seconds since the beginning at which sources were made, the first one left out. */
export function laterAttempts(): readonly number[] {
  return FakeEventSource.made.slice(1).map(({ madeAtMs }) => secondOf(madeAtMs));
}

/** One emitted payload with the second of the virtual clock. */
export interface Collected {
  readonly second: number;
  readonly payload: unknown;
}

/** Collects what a class emits under a name, from now on. */
export function collect(
  client: { on(name: string, listener: (payload: unknown) => void): unknown },
  name: string,
): readonly Collected[] {
  const collected: Collected[] = [];
  client.on(name, (payload) => collected.push({ second: secondOf(Date.now()), payload }));
  return collected;
}

function secondOf(atMs: number): number {
  return Math.round((atMs - startMs) / 1000);
}
