// Fills an embedded log in the directory given until it refuses, makes room, goes on, and says how it
// went as JSON. A process of its own, because a limit on the size of files is a process's.
//
//   node full-disk.mjs <directory> durable|accepted

import { createEmbeddedLog, parseStreamName } from "@throughline/server/log";

const stream = parseStreamName("full");
const [, , directory = "", mode] = process.argv;
const acknowledge = mode === "accepted" ? "accepted" : "durable";
/** @type {{ code: string, lost: unknown }[]} */
const losses = [];
const log = await createEmbeddedLog({
  directory,
  acknowledge,
  onLost: (error, lost) => losses.push({ code: error.code, lost }),
});
const batch = Array(50).fill({ data: "x".repeat(1000) });
let acknowledged = 0;
let epoch;
let refusal;
while (refusal === undefined) {
  try {
    const result = await log.append(stream, batch);
    epoch = result.epoch;
    acknowledged = result.events.at(-1)?.offset ?? 0;
  } catch (error) {
    refusal = error;
  }
}
const { offset } = await log.head(stream);
const page = await log.read(stream, { after: offset - 10, limit: 100, maxBytes: 1_000_000 });
await log.trim(stream, offset - 10);
let triesToGoOn = 0;
let next;
while (next === undefined && triesToGoOn < 100) {
  triesToGoOn += 1;
  next = await log.append(stream, batch).catch(() => undefined);
}
const report = {
  acknowledged,
  refusal: refusal.code,
  isRetryable: refusal.retryable,
  head: offset,
  readWhileFull: page.kind === "events" ? page.events.length : page.kind,
  first: next?.events[0]?.offset,
  isSameEpoch: next?.epoch === epoch,
  losses,
};
await log.close();
process.stdout.write(JSON.stringify(report));
