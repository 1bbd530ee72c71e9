// @vitest-environment happy-dom

import { cleanup, render, screen } from "@testing-library/react";
import { renderToStaticMarkup } from "react-dom/server";
import type { IncidentReport } from "throughline";
import { ThroughlineProvider, useEventSource } from "throughline/react";
import { ConnectionHistory } from "throughline/react/history";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { IDLE_SNAPSHOT } from "../../src/react/connection-summary.js";
import { plotDrops } from "../../src/react/history/drop-plot.js";
import { createFakeFetch } from "./fake-fetch.js";
import { connectionIn } from "./snapshots.js";
import { after, FEED, pass } from "./stage.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const drop = (lastByteAtMs: number, rest: Partial<IncidentReport> = {}): IncidentReport => ({
  reason: "network",
  lastByteAtMs,
  detectedAtMs: lastByteAtMs + 500,
  begunAtMs: lastByteAtMs + 600,
  healedAtMs: lastByteAtMs + 2500,
  attempts: 1,
  ...rest,
});

const droppedBy = (incidents: readonly IncidentReport[]) =>
  connectionIn("live", {
    incidents,
    statistics: { ...IDLE_SNAPSHOT.statistics, incidents: incidents.length },
  });

const rows = () =>
  [...document.querySelectorAll("tbody tr")].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  );
const widths = (part: string) =>
  [...document.querySelectorAll(`[data-part="${part}"]`)].map((bar) => bar.getAttribute("width"));

test("without drops it says so, and shows no empty axes", () => {
  render(<ConnectionHistory connection={connectionIn("live")} />);
  expect(screen.getByRole("figure").textContent).toContain("No drops so far.");
  expect(document.querySelector("svg, table")).toBeNull();
});

test("each drop has a lane, newest first, in the order of the table", () => {
  const words = { time: (atMs: number) => `T${atMs}` };
  const silent = drop(20_000, { reason: "silent", detectedAtMs: 21_900, healedAtMs: 22_300 });
  render(<ConnectionHistory connection={droppedBy([drop(1000), silent])} words={words} />);
  expect(rows()).toEqual([
    ["T21900", "fell silent", "1.9 s", "2.3 s"],
    ["T1500", "connection broken", "0.5 s", "2.5 s"],
  ]);
  expect(
    [...document.querySelectorAll("svg g[data-reason]")].map((lane) => lane.textContent),
  ).toEqual(["T21900 fell silent1.9 s → 2.3 s", "T1500 connection broken0.5 s → 2.5 s"]);
  // The axis is one of square roots, and ends at five seconds.
  expect(widths("unnoticed")).toEqual(["61.64%", "31.62%"]);
  expect(widths("healing")).toEqual(["6.18%", "39.09%"]);
});

test("only so many are plotted, and it says of how many", () => {
  const drops = Array.from({ length: 12 }, (_, at) => drop(at * 10_000));
  render(<ConnectionHistory connection={droppedBy(drops)} limit={3} />);
  expect(rows()).toHaveLength(3);
  expect(screen.getByRole("figure").textContent).toContain("12 drops, the newest 3 shown");
});

test("a drop that lasts grows once a second, and nothing ticks when none does", async () => {
  vi.setSystemTime(11_000);
  const lasting = drop(10_000, { healedAtMs: undefined });
  const { rerender } = render(<ConnectionHistory connection={droppedBy([lasting])} />);
  expect(rows()[0]?.[3]).toBe("not yet");
  const [before] = widths("healing");
  await pass(3000);
  const [grown] = widths("healing");
  expect(Number.parseFloat(grown ?? "")).toBeGreaterThan(Number.parseFloat(before ?? ""));
  rerender(<ConnectionHistory connection={droppedBy([drop(10_000)])} />);
  expect(vi.getTimerCount()).toBe(0);
});

test("the picture is hidden from screen readers, which have the table", () => {
  render(<ConnectionHistory connection={droppedBy([drop(1000)])} />);
  expect(document.querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
  expect(screen.getByRole("table", { name: "Connection drops" })).toBeTruthy();
  expect(screen.getAllByRole("columnheader").map(({ textContent }) => textContent)).toEqual([
    "At",
    "Reason",
    "Noticed after",
    "Live again after",
  ]);
});

test("without a connection it shows all below the provider", async () => {
  const server = createFakeFetch();
  function Reader() {
    useEventSource(FEED);
    return null;
  }
  render(
    <ThroughlineProvider options={{ fetch: server.fetch }}>
      <Reader />
      <ConnectionHistory />
    </ThroughlineProvider>,
  );
  await pass();
  await after(() => server.newest.send("data: a\n\n"));
  await after(() => server.newest.break());
  expect(rows()).toHaveLength(1);
  await pass(2000);
  await after(() => server.newest.send("data: b\n\n"));
  expect(rows()[0]?.[3]).not.toBe("not yet");
});

test("it renders on the server", () => {
  expect(renderToStaticMarkup(<ConnectionHistory connection={droppedBy([drop(0)])} />)).toContain(
    "svg",
  );
});

test("drops of a second and of some minutes can be read beside each other", () => {
  const minutes = drop(0, { healedAtMs: 240_000 });
  const { lanes, ticks } = plotDrops([drop(500_000), minutes], { limit: 9, nowMs: undefined });
  expect(lanes.map(({ healed }) => Math.round(healed * 100))).toEqual([98, 10]);
  expect(ticks.length).toBeGreaterThan(2);
  for (const [at, tick] of ticks.slice(1).entries()) {
    expect(tick.at - (ticks[at]?.at ?? 0)).toBeGreaterThanOrEqual(0.1);
  }
});

test("a clock that was set back makes no negative lengths", () => {
  const odd = drop(10_000, { detectedAtMs: 9000, healedAtMs: 8000 });
  const [lane] = plotDrops([odd], { limit: 9, nowMs: 0 }).lanes;
  expect(lane).toMatchObject({ detected: 0, healed: 0, detectedAfterMs: 0, healedAfterMs: 0 });
});
