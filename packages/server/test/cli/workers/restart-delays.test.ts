import { expect, it } from "vitest";
import { RestartDelays } from "../../../src/cli/workers/restart-delays.js";

it("a worker that never lasts is replaced ever later, and at most twice a minute in the end", () => {
  const delays = new RestartDelays();
  const all = Array.from({ length: 12 }, () => delays.next(10));
  expect(all).toEqual([
    100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000,
  ]);
});

it("one that has lasted is replaced soon", () => {
  const delays = new RestartDelays();
  for (let time = 0; time < 5; time += 1) delays.next(59_999);
  expect(delays.next(60_000)).toBe(100);
  expect(delays.next(0)).toBe(200);
});
