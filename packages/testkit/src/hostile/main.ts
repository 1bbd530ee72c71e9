// `npm run fuzz`: attacks a hub in a process of its own, and fails when it breaks, grows, serves what it
// must not, reports an error for mere bad input, or stops serving everybody else.

import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createHub, createMemoryLog, hubServerOptions, limitServer } from "@throughline/server";
import { assail } from "./assail.js";

/** What the hub's process says. */
type Message =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "memory"; readonly rssBytes: number }
  | { readonly kind: "error"; readonly text: string };

/** What a hub may grow by under attack: bodies and logs within their limits, and what V8 leaves lying. */
const MOST_GROWTH_BYTES = 256 * 1024 * 1024;

/** Attacks between two looks at whether everybody else is still served. */
const ROUND = 2000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    serve: { type: "boolean", default: false },
  },
});
if (values.serve) await serve();
else await attack(Number(values.seconds), Number(values.seed));

async function serve(): Promise<void> {
  const say = (message: Message) => process.send?.(message);
  const log = createMemoryLog({ maxBytes: 4 * 1024 * 1024, maxTotalBytes: 16 * 1024 * 1024 });
  const onError = (error: unknown) => say({ kind: "error", text: describe(error) });
  const hub = createHub({ log, onError });
  const server = limitServer(createServer(hubServerOptions(), hub.handleNode));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  setInterval(() => say({ kind: "memory", rssBytes: process.memoryUsage().rss }), 1000);
  process.once("disconnect", () => process.exit());
  say({ kind: "listening", port: (server.address() as AddressInfo).port });
}

/** With the place where it happened: who reads it may have waited an hour for it. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function attack(seconds: number, firstSeed: number): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ["--serve"]);
  const findings: string[] = [];
  const rss: number[] = [];
  const ready = new Promise<number>((resolve) => {
    child.on("message", (message: Message) => {
      if (message.kind === "listening") resolve(message.port);
      else if (message.kind === "memory") rss.push(message.rssBytes);
      else findings.push(`the hub reported ${message.text}`);
    });
  });
  child.once("exit", (code) => {
    if (child.connected) return;
    findings.push(`the hub is gone, with code ${code}`);
  });
  const victim = { port: await ready };
  const endMs = performance.now() + seconds * 1000;
  let attacks = 0;
  const statuses: Record<string, number> = {};
  for (let seed = firstSeed; performance.now() < endMs && findings.length === 0; seed += 1) {
    const withinMs = endMs - performance.now();
    const report = await assail(victim, { seed, attacks: ROUND, withinMs, lanes: 50 });
    attacks += report.attacks;
    for (const [status, count] of Object.entries(report.statuses)) {
      statuses[status] = (statuses[status] ?? 0) + count;
    }
    findings.push(...report.findings.map((finding) => `${finding} (seed ${seed})`));
    findings.push(...(await isServing(victim.port)));
    if (findings.length > 0) findings.push(`again: npm run fuzz -- --seconds 60 --seed ${seed}`);
  }
  const [first = 0] = rss;
  const most = Math.max(...rss);
  if (most - first > MOST_GROWTH_BYTES) findings.push(`memory grew from ${first} to ${most} bytes`);
  child.disconnect();
  const mebibytes = [first, most, rss.at(-1) ?? 0].map((bytes) => Math.round(bytes / 1024 ** 2));
  process.stdout.write(
    `${attacks} attacks, answered ${JSON.stringify(statuses)}; memory at first, at most and at last: ` +
      `${mebibytes.join(", ")} MiB\n${findings.map((finding) => `!!! ${finding}\n`).join("")}`,
  );
  process.exitCode = findings.length > 0 ? 1 : 0;
}

/** Whether what is published is delivered; what is wrong otherwise. */
async function isServing(port: number): Promise<string[]> {
  const url = `http://127.0.0.1:${port}/streams/news`;
  const signal = AbortSignal.timeout(5000);
  const text = `after ${performance.now()}`;
  try {
    const reader = await fetch(url, { signal });
    const body = JSON.stringify({ data: text });
    const headers = { "content-type": "application/json" };
    const publisher = await fetch(url, { method: "POST", body, headers, signal });
    if (publisher.status !== 201) return [`publishing was answered ${publisher.status}`];
    let seen = "";
    for await (const chunk of reader.body ?? []) {
      seen += Buffer.from(chunk).toString();
      if (seen.includes(text)) return [];
    }
    return [`a reader was cut off, with ${reader.status}`];
  } catch (error) {
    return [`nobody else is served: ${String(error)}`];
  }
}
