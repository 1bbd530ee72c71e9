// What a thousand events a second cost the main thread of a page, with a React hook that shows them.

import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { createHub, createMemoryLog } from "@throughline/server";
import { chromium } from "playwright-core";
import { build } from "vite";
import { ensureChromium } from "../../../../scripts/setup.mjs";
import { eventsFrom } from "../harness/events.mjs";
import { median } from "../harness/statistics.mjs";
import { digits } from "../report/tables.mjs";

export const name = "browser";
export const title = "A page at 1,000 events a second";

const PER_SECOND = 1000;
const EVERY_MS = 5;

export async function measure(run) {
  const found = await ensureChromium();
  const about = {
    text: `${PER_SECOND} events a second for some seconds to a page in Chromium whose React hook shows the newest fifty as a list. A long task is one that held the main thread for more than 50 ms.`,
    goals: "no task over 50 ms; one rendering for the events of a frame",
  };
  if ("missing" in found)
    return { ...about, parts: [{ title: found.missing, columns: ["–"], rows: [] }] };
  const script = await bundle();
  const results = [];
  for (let round = 0; round < run.rounds; round += 1) {
    results.push(await visit({ script, path: found.path, seconds: run.isQuick ? 1 : 3 }, run));
  }
  const of = (key) => median(results.map((result) => result[key]));
  const most = Math.max(...results.map(({ longest }) => longest));
  return {
    ...about,
    parts: [
      {
        title: "React hook",
        columns: [
          "events",
          "renderings",
          "events in a rendering",
          "long tasks",
          "longest, ms",
          "scripting, ms a second",
        ],
        rows: [
          [
            of("events"),
            of("renderings"),
            digits(of("events") / of("renderings")),
            Math.max(...results.map(({ longTasks }) => longTasks)),
            most === 0 ? "none" : most.toFixed(0),
            digits(of("scriptMs")),
          ],
        ],
        note: "Of the long tasks and the longest one the worst round counts, of the others the median. What the page did before the first event is left out.",
      },
    ],
  };
}

async function visit({ script, path, seconds }, run) {
  const hub = createHub({ log: createMemoryLog() });
  const server = createServer((request, response) => {
    if (request.url.startsWith("/streams/")) return hub.handleNode(request, response);
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : HTML);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await chromium.launch({ executablePath: path, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    while (hub.stats().connections.live === 0) await pause(20);
    // What opening the page has cost is not what is measured.
    await page.evaluate(() => Object.assign(globalThis.seen, { renderings: 0, longTasks: [] }));
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const before = await scriptSeconds(session);
    const total = PER_SECOND * seconds;
    await publish(hub, total);
    await page.waitForFunction((count) => globalThis.seen.events >= count, total);
    const scriptMs = (((await scriptSeconds(session)) - before) * 1000) / seconds;
    const seen = await page.evaluate(() => globalThis.seen);
    if (seen.events !== total) run.faults.push(`${title}: ${seen.events} of ${total} events`);
    const { events, renderings, longTasks } = seen;
    return {
      events,
      renderings,
      longTasks: longTasks.length,
      longest: Math.max(0, ...longTasks),
      scriptMs,
    };
  } finally {
    await browser.close();
    await hub.close({ withinMs: 0 });
    server.close();
    server.closeAllConnections();
  }
}

async function publish(hub, total) {
  const beganMs = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - beganMs) * PER_SECOND) / 1000));
    if (due > sent) {
      await hub.publish(
        "bench",
        eventsFrom(sent + 1, due - sent).map((data) => ({ data })),
      );
    }
    sent = Math.max(sent, due);
    await pause(EVERY_MS);
  }
}

async function scriptSeconds(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name: metric }) => metric === "ScriptDuration")?.value ?? Number.NaN;
}

const HTML =
  '<!doctype html><link rel="icon" href="data:," /><body><script defer src="/page.js"></script>';

async function bundle() {
  const entry = fileURLToPath(new URL("../servers/page.mjs", import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: "error",
    mode: "production",
    define: { "process.env.NODE_ENV": '"production"' },
    build: { write: false, minify: true, lib: { entry, formats: ["iife"], name: "page" } },
  });
  const [{ output }] = Array.isArray(result) ? result : [result];
  return output[0].code;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
