import { expect, it } from "vitest";
import { Wakefulness } from "../../src/deploys/index.js";

const EVERY_MS = 100;

it("judges at every look that comes in time, or a little late", () => {
  const wakefulness = new Wakefulness(EVERY_MS, 0);
  expect([100, 210, 500, 600].map((nowMs) => wakefulness.mayJudge(nowMs))).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

it("judges nobody for a second after a look that came late, because the program slept", () => {
  const wakefulness = new Wakefulness(EVERY_MS, 0);
  expect(wakefulness.mayJudge(301)).toBe(false);
  expect(wakefulness.mayJudge(401)).toBe(false);
  for (let nowMs = 501; nowMs <= 1201; nowMs += EVERY_MS) wakefulness.mayJudge(nowMs);
  expect(wakefulness.mayJudge(1300)).toBe(false);
  expect(wakefulness.mayJudge(1301)).toBe(true);
});

it("begins the second anew when it sleeps again in it", () => {
  const wakefulness = new Wakefulness(EVERY_MS, 0);
  expect(wakefulness.mayJudge(5000)).toBe(false);
  expect(wakefulness.mayJudge(5900)).toBe(false);
  expect(wakefulness.mayJudge(6100)).toBe(false);
  for (let nowMs = 6200; nowMs < 6900; nowMs += EVERY_MS) wakefulness.mayJudge(nowMs);
  expect(wakefulness.mayJudge(6900)).toBe(true);
});
