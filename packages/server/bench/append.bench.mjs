// What a durable publish costs: events per second and waiting time of the embedded log, in both of its
// modes, beside the memory log in the same run, with one publisher and with many; and how long the
// event loop was held up meanwhile. No thresholds: the numbers are for people.
//
//   npm run bench -- append        or, after a build: node packages/server/bench/append.bench.mjs [seconds]

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createEmbeddedLog, createMemoryLog, parseStreamName } from "@throughline/server";

// Twelve measurements, which shall end within half a minute.
const seconds = Number(process.argv[2] ?? 1.5);
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

for (const { publishers, batch, pauseMs = 0 } of WORKLOADS) {
  const rows = {};
  let memoryRate;
  for (const [name, create] of Object.entries(LOGS)) {
    const { rate, p50, p99, held, heldMost } = await measure(create, publishers, batch, pauseMs);
    memoryRate ??= rate;
    rows[name] = {
      "events per second": Math.round(rate),
      "of the memory log": `${((rate / memoryRate) * 100).toFixed(1)} %`,
      "acknowledged after ms, p50": p50.toFixed(2),
      "ms, p99": p99.toFixed(2),
      "event loop held up ms, p99": held.toFixed(1),
      "ms, most": heldMost.toFixed(1),
    };
  }
  console.log(
    `${publishers} publishers, batches of ${batch}, events of 200 bytes, ${seconds} s each` +
      (pauseMs > 0 ? `, ${pauseMs} ms between two` : ""),
  );
  console.table(rows);
}

async function measure(create, publishers, batch, pauseMs) {
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
