// How much later an event is at its reader because a gateway stands between it and a backend.

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createParser } from "throughline/core";
import { portOf } from "../harness/children.mjs";
import { median, quantile } from "../harness/statistics.mjs";
import { digits } from "../report/tables.mjs";

export const name = "gateway";
export const title = "Gateway: what it adds";

const READERS = [1, 50];
const EVERY_MS = 10;

/** Events that come first and are not measured: code has to become warm, and files have to grow. */
const WARM_UP = 50;

/** What the gateway knows of the backend: items with keys, which is the longest way through it. */
const ROUTES = `
check: none
routes:
  - name: feed
    path: /feed
    isChecked: false
    kinds: [{ name: alert, match: { type: alert }, key: data.id }]
`;

const URL_LINE = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/;

export async function measure(run) {
  const folder = mkdtempSync(join(tmpdir(), "throughline-bench-"));
  const events = run.isQuick ? 20 : 150;
  const started = [];
  // On any core: the embedded log has threads of its own, and their hops are what is looked at.
  const start = async (args) => {
    const child = run.children.start(undefined, process.execPath, args);
    started.push(child);
    return await portOf(child, URL_LINE);
  };
  try {
    const backend = await start([beside("../servers/gateway-backend.mjs")]);
    const config = join(folder, "gateway.yaml");
    writeFileSync(config, ROUTES);
    const upstream = ["--upstream", `http://127.0.0.1:${backend}`, "--config", config];
    const gateway = async (log) => {
      const store = ["--log", log, "--data-dir", join(folder, log)];
      const main = beside("../../dist/cli/main.js");
      return await start([main, "gateway", ...upstream, "--port", "0", ...store]);
    };
    const ways = [
      { name: "direct", port: backend },
      { name: "gateway, memory", port: await gateway("memory") },
      { name: "gateway, embedded", port: await gateway("embedded") },
    ];
    const parts = [];
    for (const readers of READERS) {
      const rounds = new Map(ways.map((way) => [way, []]));
      for (let round = 0; round < run.rounds; round += 1) {
        for (const [way, all] of rounds) {
          all.push(await delaysOf({ backend, port: way.port, readers, events }));
        }
      }
      const measured = ways.map((way) => ({ ...way, rounds: rounds.get(way) ?? [] }));
      parts.push(describe(readers, measured));
    }
    return {
      text: `An event every ${EVERY_MS} ms from a backend to its readers, directly and through a gateway that keeps it in memory or on disk before it delivers it. Milliseconds from the backend to each reader.`,
      goals: "p50 at most 1 ms more, p99 at most 5 ms more",
      parts,
    };
  } finally {
    await Promise.all(started.map((child) => run.children.end(child)));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function describe(readers, [direct, ...gateways]) {
  const at = (way, share) => way.rounds.map((delays) => quantile(delays, share));
  const added = (way, share) => {
    const without = at(direct, share);
    return median(at(way, share).map((ms, round) => ms - without[round]));
  };
  const rows = [direct, ...gateways].map((way) => [
    way.name,
    ...[0.5, 0.99].map((share) => digits(median(at(way, share)))),
    ...[0.5, 0.99].map((share) => (way === direct ? "" : digits(added(way, share)))),
  ]);
  return {
    title: readers === 1 ? "1 reader" : `${readers} readers`,
    columns: ["way", "p50, ms", "p99, ms", "p50 added, ms", "p99 added, ms"],
    rows,
    plot: { unit: "p50 added, ms", bars: gateways.map((way) => [way.name, added(way, 0.5)]) },
  };
}

/** Milliseconds from the backend to each reader, of every event. */
async function delaysOf({ backend, port, readers: count, events }) {
  const total = events + WARM_UP;
  const delays = [];
  const readers = await Promise.all(
    Array.from({ length: count }, () => read(port, total, (delay) => delays.push(delay))),
  );
  const query = `count=${total}&everyMs=${EVERY_MS}`;
  await fetch(`http://127.0.0.1:${backend}/emit?${query}`, { method: "POST" });
  await Promise.all(readers.map(({ done }) => done));
  for (const { leave } of readers) leave();
  return delays;
}

/** One reader. It is open when this resolves, and done when it has seen all events. */
async function read(port, total, onDelay) {
  const outgoing = request({ host: "127.0.0.1", port, path: "/feed", agent: false });
  outgoing.on("error", () => {});
  outgoing.end();
  const [response] = await once(outgoing, "response");
  let seen = 0;
  const done = new Promise((resolve, reject) => {
    const onEvent = ({ type, data }) => {
      if (type !== "message") return;
      const nowNs = process.hrtime.bigint();
      seen += 1;
      if (seen > WARM_UP) onDelay(Number(nowNs - BigInt(JSON.parse(data).data.at)) / 1e6);
      if (seen === total) resolve();
    };
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const parser = createParser({ onEvent }, { decoder });
    response.on("data", (chunk) => parser.push(chunk));
    response.once("close", () => reject(new Error(`only ${seen} of ${total} events came`)));
  });
  // It is awaited later, and has been heard of then.
  done.catch(() => {});
  return { done, leave: () => outgoing.destroy() };
}

function beside(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}
