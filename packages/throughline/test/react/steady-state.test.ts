import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConnectionPhase } from "../../src/react/phase.js";
import { phaseOf } from "../../src/react/phase.js";
import {
  beginSteady,
  SHOW_AFTER_MS,
  SHOW_FOR_MS,
  settle,
  steadyDeadlineMs,
} from "../../src/react/steady-state.js";
import { connectionIn } from "./snapshots.js";

type Change = readonly [atMs: number, ...Parameters<typeof connectionIn>];
type Shown = readonly [atMs: number, phase: ConnectionPhase];

/** Plays changes until `endMs`, keeping every deadline, and notes each change of what is shown. */
function play(
  first: Parameters<typeof connectionIn>,
  changes: readonly Change[],
  endMs: number,
): Shown[] {
  let state = beginSteady(connectionIn(...first));
  const shown: Shown[] = [[0, phaseOf(state.shown)]];
  const observe = (actual: typeof state.actual, nowMs: number) => {
    state = settle(state, { actual, nowMs });
    const phase = phaseOf(state.shown);
    if (shown.at(-1)?.[1] !== phase) shown.push([nowMs, phase]);
  };
  const keepDeadlines = (untilMs: number) => {
    for (;;) {
      const dueMs = steadyDeadlineMs(state);
      if (dueMs === undefined || dueMs > untilMs) return;
      observe(state.actual, dueMs);
    }
  };
  for (const [atMs, ...change] of changes) {
    keepDeadlines(atMs);
    observe(connectionIn(...change), atMs);
  }
  keepDeadlines(endMs);
  return shown;
}

describe("a live connection", () => {
  test("that drops and heals within a second is shown as live throughout", () => {
    const drop: Change[] = [
      [5000, "stale"],
      [5400, "waiting"],
      [5500, "connecting", { reason: "silent" }],
      [5999, "live"],
    ];
    expect(play(["live"], drop, 20_000)).toEqual([[0, "live"]]);
  });

  test("that does not heal is shown as what it has become after a second", () => {
    const loss: Change[] = [
      [5000, "stale"],
      [5400, "waiting"],
    ];
    expect(play(["live"], loss, 20_000)).toEqual([
      [0, "live"],
      [6000, "reconnecting"],
    ]);
  });

  test("that heals just after the disruption was shown keeps showing it for a second", () => {
    const drop: Change[] = [
      [5000, "waiting"],
      [6050, "live"],
    ];
    expect(play(["live"], drop, 20_000)).toEqual([
      [0, "live"],
      [6000, "reconnecting"],
      [7000, "live"],
    ]);
  });

  test("that fails for good is shown as failed at once", () => {
    expect(play(["live"], [[5000, "failed"]], 20_000)).toEqual([
      [0, "live"],
      [5000, "failed"],
    ]);
  });

  test("that was replaced by another one, idle and connecting, does not seem to be off", () => {
    const replaced: Change[] = [
      [5000, "idle"],
      [5010, "connecting"],
      [5200, "live"],
    ];
    expect(play(["live"], replaced, 20_000)).toEqual([[0, "live"]]);
  });
});

test("the first sight is as it is, and gives way at once", () => {
  const opening: Change[] = [
    [5, "connecting"],
    [80, "live"],
  ];
  expect(play(["idle"], opening, 20_000)).toEqual([
    [0, "idle"],
    [5, "connecting"],
    // A passing phase that is shown stays for a second.
    [1005, "live"],
  ]);
  expect(play(["connecting"], [[80, "live"]], 20_000)).toEqual([
    [0, "connecting"],
    [80, "live"],
  ]);
});

test("an attempt after a failure is shown at once: somebody asked for it", () => {
  const asked: Change[] = [
    [5000, "connecting", { reason: "requested" }],
    [5100, "failed"],
  ];
  expect(play(["failed"], asked, 20_000)).toEqual([
    [0, "failed"],
    [5000, "reconnecting"],
    [6000, "failed"],
  ]);
});

test("details of the phase that is shown are always the newest", () => {
  const before = beginSteady(connectionIn("waiting", { nextAttemptAtMs: 1 }));
  const actual = connectionIn("waiting", { nextAttemptAtMs: 2 });
  expect(settle(before, { actual, nowMs: 0 }).shown).toBe(actual);
});

test("whatever happens, no disruption flashes, and in the end the truth is shown", () => {
  const change = fc.tuple(
    fc.integer({ min: 1, max: 1500 }),
    fc.constantFrom("connecting", "live", "stale", "waiting", "closed" as const),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (steps) => {
      let nowMs = 0;
      const changes = steps.map(([afterMs, state]): Change => {
        nowMs += afterMs;
        return [nowMs, state];
      });
      const isPassing = (phase: string) => phase !== "live" && phase !== "closed";
      const shown = play(["live"], changes, nowMs + 10_000);
      for (const [index, [atMs, phase]] of shown.entries()) {
        if (!isPassing(phase)) continue;
        expect((shown[index + 1]?.[0] ?? Infinity) - atMs).toBeGreaterThanOrEqual(SHOW_FOR_MS);
        if (isPassing(shown[index - 1]?.[1] ?? "stale")) continue;
        // What changes in the very moment of showing comes after it.
        const wellAtMs = changes.findLast(([at, state]) => at < atMs && !isPassing(state))?.[0];
        expect(atMs - (wellAtMs ?? 0)).toBeGreaterThanOrEqual(SHOW_AFTER_MS);
      }
      const last = changes.at(-1);
      expect(shown.at(-1)?.[1]).toBe(phaseOf(connectionIn(last?.[1] ?? "live")));
    }),
  );
});
