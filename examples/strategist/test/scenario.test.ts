import { expect, test } from "vitest";
import { createMessageWriter } from "../server/messages.js";
import { hourOfDay, isoAtMinute, paceAt } from "../server/scenario/calendar.js";
import { wards } from "../server/scenario/city.js";
import { createPack, createRandom } from "../server/scenario/random.js";
import { createScenario, type ScenarioItem } from "../server/scenario/scenario.js";

function tell(seed: number, count: number): ScenarioItem[] {
  const scenario = createScenario(seed);
  return Array.from({ length: count }, () => scenario.next());
}

test("the same seed tells the same story, another seed another one", () => {
  expect(tell(7, 300)).toEqual(tell(7, 300));
  expect(tell(8, 300)).not.toEqual(tell(7, 300));
});

test("no slot is left open in any text, for many seeds", () => {
  for (let seed = 1; seed <= 6; seed += 1) {
    for (const { title, text } of tell(seed, 800)) {
      expect(`${title} ${text}`).not.toMatch(/[{}]|undefined/);
    }
  }
});

test("campaign time never goes back, and every wait is bounded", () => {
  let minute = 0;
  for (const item of tell(3, 3000)) {
    expect(item.minute).toBeGreaterThanOrEqual(minute);
    expect(item.pauseMs).toBeGreaterThan(0);
    expect(item.pauseMs).toBeLessThan(2000);
    minute = item.minute;
  }
  expect(minute).toBeGreaterThan(24 * 60);
});

test("the feed brings between one and two items a second", () => {
  const items = tell(5, 3000);
  const seconds = items.reduce((sum, item) => sum + item.pauseMs, 0) / 1000;
  expect(items.length / seconds).toBeGreaterThan(1);
  expect(items.length / seconds).toBeLessThan(2);
});

test("every ward and every priority is heard from within ten minutes", () => {
  const items = tell(11, 850);
  expect(new Set(items.map(({ ward }) => ward.slug)).size).toBe(wards.length);
  expect(new Set(items.map(({ priority }) => priority)).size).toBe(4);
});

test("no text is told twice within fifty items", () => {
  const texts = tell(20_261_207, 3000).map(({ text }) => text);
  const lastAt = new Map<string, number>();
  texts.forEach((text, index) => {
    const before = lastAt.get(text);
    if (before !== undefined) expect(index - before, text).toBeGreaterThan(50);
    lastAt.set(text, index);
  });
});

test("messages keep to the application's values for each source", () => {
  const write = createMessageWriter();
  const ids = new Set<string>();
  for (const { id, message } of tell(9, 2000).map(write)) {
    ids.add(id);
    if (message.type === "alert") continue;
    const { source, priority } = message.data;
    if (source === "database") expect(["high", "medium"]).toContain(priority);
    if (source === "posts") expect(priority).toBe("medium");
  }
  expect(ids.size).toBe(2000);
});

test("the city's clock stands at its own offset", () => {
  expect(isoAtMinute(0)).toBe("2026-12-07T06:00:00+05:30");
  expect(isoAtMinute(18 * 60 + 1.5)).toBe("2026-12-08T00:01:30+05:30");
  expect(hourOfDay(18 * 60)).toBe(0);
});

test("nights pass faster than days", () => {
  expect(paceAt(6 * 60)).toBe(1);
  expect(paceAt(20 * 60)).toBeGreaterThan(1);
});

test("a pack deals no card again before half of the others", () => {
  const draw = createPack(["a", "b", "c", "d", "e", "f"], createRandom(4));
  const drawn = Array.from({ length: 200 }, draw);
  expect(new Set(drawn).size).toBe(6);
  drawn.forEach((card, index) => {
    expect(drawn.slice(Math.max(0, index - 3), index)).not.toContain(card);
  });
});
