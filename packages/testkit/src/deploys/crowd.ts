// A crowd of readers in a process of its own, so that it does not compete with the hubs for one thread.
// Started by crowd-process.ts, which tells it what to do.

import type { CrowdCommand, CrowdReport, CrowdSays } from "./crowd-process.js";
import { CrowdReader } from "./crowd-reader.js";
import { quantiles } from "./quantiles.js";
import { Wakefulness } from "./wakefulness.js";

/** Readers that connect in one step, and the milliseconds between two steps: a full queue helps nobody. */
const STEP_READERS = 50;
const STEP_MS = 25;

/** How often the readers' watchdogs look. */
const WATCH_EVERY_MS = 100;

/** Requests are counted in slots of so many milliseconds. */
const SLOT_MS = 100;

/** How long the last events may take to arrive. */
const ARRIVE_WITHIN_MS = 10_000;

const readers: CrowdReader[] = [];
let requestsMs: number[] = [];
let measuredSinceMs = 0;

process.on("message", (command: CrowdCommand) => void obey(command));
process.on("disconnect", () => process.exit());
const wakefulness = new Wakefulness(WATCH_EVERY_MS, performance.now());
setInterval(() => {
  const nowMs = performance.now();
  if (!wakefulness.mayJudge(nowMs)) return;
  for (const reader of readers) reader.watch(nowMs);
}, WATCH_EVERY_MS);

async function obey(command: CrowdCommand): Promise<void> {
  switch (command.kind) {
    case "connect":
      await connectAll(command);
      return say({ kind: "connected" });
    case "measure":
      return measure();
    case "report":
      return say({ kind: "report", report: await makeReport(command.newest) });
  }
}

async function connectAll(command: Extract<CrowdCommand, { kind: "connect" }>): Promise<void> {
  const { url, readers: count, isHandingOver } = command;
  const onRequest = (atMs: number) => requestsMs.push(atMs);
  for (let index = 0; index < count; index += 1) {
    const reader = new CrowdReader({ url, isHandingOver, onRequest });
    readers.push(reader);
    reader.start();
    if (index % STEP_READERS === STEP_READERS - 1) await pause(STEP_MS);
  }
  while (!readers.every(({ isLive }) => isLive)) await pause(STEP_MS);
}

function measure(): void {
  measuredSinceMs = performance.now();
  requestsMs = [];
  for (const reader of readers) reader.measure(measuredSinceMs);
}

async function makeReport(newest: number): Promise<CrowdReport> {
  const untilMs = performance.now() + ARRIVE_WITHIN_MS;
  while (readers.some(({ offset }) => offset < newest) && performance.now() < untilMs) {
    await pause(STEP_MS);
  }
  const nowMs = performance.now();
  for (const reader of readers) reader.stop(nowMs);
  const sightings = readers.map((reader) => reader.sightings);
  const missing = readers.reduce((sum, { offset }) => sum + Math.max(0, newest - offset), 0);
  const sum = (of: "lost" | "repeated" | "announcedGaps") =>
    sightings.reduce((total, sighting) => total + sighting[of], 0);
  return {
    readers: readers.length,
    lost: sum("lost"),
    missing,
    repeated: sum("repeated"),
    announcedGaps: sum("announcedGaps"),
    gapsMs: quantiles(sightings.map(({ longestGapMs }) => longestGapMs)),
    requests: requestsMs.length,
    requestsPerSlot: countSlots(),
  };
}

/** Requests in each slot since the measurement began. */
function countSlots(): number[] {
  const slots: number[] = [];
  for (const atMs of requestsMs) {
    const slot = Math.floor((atMs - measuredSinceMs) / SLOT_MS);
    while (slots.length <= slot) slots.push(0);
    slots[slot] = (slots[slot] ?? 0) + 1;
  }
  return slots;
}

function say(message: CrowdSays): void {
  process.send?.(message);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
