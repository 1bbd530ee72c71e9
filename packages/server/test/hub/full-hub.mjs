// A hub in a process of its own, over a log that is full already: what a replay costs in memory is then what
// this process grows by. Started with --expose-gc and the directory of an embedded log, or "memory", and
// the number of events. Says its port when it listens, and its memory when it is asked.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import {
  createEmbeddedLog,
  createHub,
  createMemoryLog,
  parseStreamName,
} from "@throughline/server";

/** A page of a replay takes less than a millisecond: thousands of them are between two looks. */
const LOOK_EVERY_MS = 5;
const BATCH_EVENTS = 1000;
const ROOMY = { maxEvents: 2_000_000, maxBytes: 2 ** 31, maxTotalBytes: 2 ** 31 };

const [, , place = "", events = ""] = process.argv;
process.once("disconnect", () => process.exit());

const log =
  place === "memory"
    ? createMemoryLog(ROOMY)
    : await createEmbeddedLog({ ...ROOMY, directory: place, acknowledge: "accepted" });
const batch = Array(BATCH_EVENTS).fill({ data: "x".repeat(100) });
for (let done = 0; done < Number(events); done += BATCH_EVENTS) {
  await log.append(parseStreamName("news"), batch);
}
const hub = createHub({ log });
const server = createServer(hub.handleNode).listen(0, "127.0.0.1");
await once(server, "listening");

const before = settled();
let mostOwnBytes = before.ownBytes;
const look = () => {
  mostOwnBytes = Math.max(mostOwnBytes, ownBytes());
};
setInterval(look, LOOK_EVERY_MS);
process.on("message", () => {
  look();
  process.send?.({ before, mostOwnBytes, after: settled() });
});
process.send?.({ port: server.address().port });

/** Memory after everything that nobody needs has been given back. */
function settled() {
  for (let round = 0; round < 3; round += 1) globalThis.gc();
  return { heapBytes: process.memoryUsage().heapUsed, ownBytes: ownBytes() };
}

/**
 * Resident memory that is the process's own, where the system tells it apart: pages of the log's file that
 * were looked at are resident as well, but the system takes them back whenever it wants.
 */
function ownBytes() {
  if (process.platform !== "linux") return process.memoryUsage().rss;
  const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return Number(kibibytes) * 1024;
}
