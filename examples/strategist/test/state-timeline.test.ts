import { expect, test } from "vitest";
import { noteState, stretchesBetween, type Timeline } from "../web/model/state-timeline.js";

type Light = "live" | "stale" | "waiting";

function timelineOf(...notes: [Light, number][]): Timeline<Light> {
  return notes.reduce<Timeline<Light>>(
    (timeline, [state, fromMs]) => noteState(timeline, state, fromMs),
    [],
  );
}

test("each stretch ends where the next begins, and the last goes on", () => {
  const timeline = timelineOf(["live", 100], ["stale", 200], ["live", 250]);
  expect(stretchesBetween(timeline, 0, 400)).toEqual([
    { state: "live", fromMs: 100, toMs: 200 },
    { state: "stale", fromMs: 200, toMs: 250 },
    { state: "live", fromMs: 250, toMs: 400 },
  ]);
});

test("a state that held already goes on in the same stretch", () => {
  expect(timelineOf(["live", 100], ["live", 200])).toEqual([{ state: "live", fromMs: 100 }]);
});

test("stretches are cut to the window, and those outside are left out", () => {
  const timeline = timelineOf(["live", 0], ["waiting", 100], ["live", 200]);
  expect(stretchesBetween(timeline, 150, 180)).toEqual([
    { state: "waiting", fromMs: 150, toMs: 180 },
  ]);
});

test("a clock that was set back makes no stretch of negative length", () => {
  expect(timelineOf(["live", 500], ["stale", 300])).toEqual([
    { state: "live", fromMs: 500 },
    { state: "stale", fromMs: 500 },
  ]);
});

test("the timeline is bounded and keeps the newest stretches", () => {
  const notes = Array.from({ length: 1000 }, (_, index): [Light, number] => [
    index % 2 === 0 ? "live" : "waiting",
    index,
  ]);
  const timeline = timelineOf(...notes);
  expect(timeline.length).toBeLessThan(1000);
  expect(timeline.at(-1)).toEqual({ state: "waiting", fromMs: 999 });
});
