// What readers are told of their backend, in virtual time.

import type { Source } from "throughline/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ToldSource } from "../../src/gateway/told-source.js";

const LIVE: Source = { state: "live", reason: "connected" };
const STALE: Source = { state: "stale", reason: "ended" };

describe("what readers are told of a backend", () => {
  let told: string[];
  let source: ToldSource;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    told = [];
    source = new ToldSource({ state: "stale", reason: "opening" }, ({ state, reason }) =>
      told.push(`${state}: ${reason}`),
    );
  });
  afterEach(() => {
    source.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const pass = (ms: number) => vi.advanceTimersByTime(ms);

  it("is nothing where it answers within a second", () => {
    pass(900);
    source.know(LIVE);
    pass(60_000);
    expect(told).toEqual([]);
    expect(source.told.state).toBe("live");
  });

  it("is that it is away, once it has been for a second, and that it is back", () => {
    pass(1000);
    expect(told).toEqual(["stale: opening"]);
    source.know(LIVE);
    pass(999);
    expect(source.told.state).toBe("stale");
    pass(2);
    expect(told).toEqual(["stale: opening", "live: connected"]);
  });

  it("is nothing of an interruption of less than a second", () => {
    source.know(LIVE);
    pass(5000);
    for (let time = 0; time < 20; time += 1) {
      source.know(STALE);
      pass(900);
      source.know(LIVE);
      pass(3000);
    }
    expect(told).toEqual([]);
  });

  it.each([
    { away: 400, back: 100 },
    { away: 950, back: 50 },
    { away: 100, back: 900 },
    { away: 5000, back: 900 },
    { away: 3000, back: 1 },
  ])("is once that it is away where it answers, and ends, over and over (%o)", ({ away, back }) => {
    source.know(LIVE);
    pass(5000);
    for (let time = 0; time < 50; time += 1) {
      source.know(STALE);
      pass(away);
      source.know(LIVE);
      pass(back);
    }
    expect(told.length).toBeLessThanOrEqual(1);
    if (away >= back) expect(told).toEqual(["stale: ended"]);
  });

  it("is that it is back as soon as it has told something new", () => {
    pass(1000);
    source.know(LIVE);
    source.trust();
    expect(told).toEqual(["stale: opening", "live: connected"]);
    source.know(STALE);
    source.trust();
    expect(told).toHaveLength(2);
    pass(1000);
    expect(told).toEqual(["stale: opening", "live: connected", "stale: ended"]);
  });

  it("is what is known last, where the reasons change", () => {
    source.know({ state: "stale", reason: "refused" });
    pass(1000);
    expect(told).toEqual(["stale: refused"]);
    expect(source.told.reason).toBe("refused");
  });

  it("is nothing after it is closed", () => {
    pass(1000);
    source.close();
    source.know(LIVE);
    source.trust();
    source.know(STALE);
    pass(10_000);
    expect(told).toEqual(["stale: opening"]);
  });
});
