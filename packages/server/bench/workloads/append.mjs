// What an append costs by itself, without any request: events per second and waiting time of the embedded
// log, in both of its modes, beside the memory log, with one publisher and with many; and how long the event
// loop was held up meanwhile.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createEmbeddedLog, createMemoryLog, parseStreamName } from "@throughline/server";
import { digits } from "../report/tables.mjs";

export const name = "append";
export const title = "Appending, without requests";

const stream = parseStreamName("bench");
const EVENT = { type: "alert", topic: "ward/42", data: "x".repeat(200) };

/** How many publish at the same time, each the next event when the last one was acknowledged, or later. */
const WORKLOADS = [
  { publishers: 1, batch: 1, pauseMs: 10 },
  { publishers: 1, batch: 1 },
  { publishers: 64, batch: 1 },
  { publishers: 64, batch: 20 },
];

const LOGS = {
  memory: async () => createMemoryLog(),
  "embedded, accepted": (directory) => createEmbeddedLog({ directory, acknowledge: "accepted" }),
  "embedded, durable": (directory) => createEmbeddedLog({ directory }),
};

export async function measure(run) {
  const seconds = run.isQuick ? 0.15 : 1.5;
  const parts = [];
  for (const { publishers, batch, pauseMs = 0 } of WORKLOADS) {
    const rows = [];
    let memoryRate;
    for (const [log, create] of Object.entries(LOGS)) {
      const figures = await append(create, { publishers, batch, pauseMs, seconds });
      memoryRate ??= figures.rate;
      rows.push([
        log,
        Math.round(figures.rate).toLocaleString("en"),
        `${((figures.rate / memoryRate) * 100).toFixed(1)} %`,
        ...[figures.p50, figures.p99, figures.held, figures.heldMost].map(digits),
      ]);
    }
    const pause = pauseMs > 0 ? `, ${pauseMs} ms between two` : "";
    parts.push({
      title: `${publishers} publishers, batches of ${batch}${pause}`,
      columns: COLUMNS,
      rows,
    });
  }
  return {
    text: `Events of 200 bytes, ${seconds} s each, once: each publisher appends the next when the last one has been acknowledged, or later.`,
    parts,
  };
}

const COLUMNS = [
  "log",
  "events a second",
  "of the memory log",
  "acknowledged after, p50 ms",
  "p99 ms",
  "event loop held up, p99 ms",
  "most ms",
];

async function append(create, { publishers, batch, pauseMs, seconds }) {
  const directory = mkdtempSync(join(tmpdir(), "throughline-bench-"));
  const log = await create(directory);
  const events = Array(batch).fill(EVENT);
  const waits = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const publish = async (untilMs) => {
    for (let beganMs = performance.now(); beganMs < untilMs; ) {
      await log.append(stream, events);
      const nowMs = performance.now();
      waits.push(nowMs - beganMs);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      beganMs = performance.now();
      // Publishers are requests: they do not come from inside the turn that answered the last one.
      if (waits.length % 64 === 0) await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: publishers }, () => publish(performance.now() + 300)));
  waits.length = 0;
  delay.enable();
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: publishers }, () => publish(beganMs + seconds * 1000)));
  const took = (performance.now() - beganMs) / 1000;
  delay.disable();
  waits.sort((one, other) => one - other);
  const at = (share) => waits[Math.floor((waits.length - 1) * share)] ?? 0;
  const result = {
    rate: (waits.length * batch) / took,
    p50: at(0.5),
    p99: at(0.99),
    held: delay.percentile(99) / 1e6,
    heldMost: delay.max / 1e6,
  };
  await log.close();
  rmSync(directory, { recursive: true, force: true });
  return result;
}
