// How much later an event is at its reader because a gateway stands between. A backend, and a gateway
// before it, in processes of their own; readers here; the ways take turns.
//
//   npm run bench -- gateway      or, after a build, with options:
//   node packages/server/bench/gateway.bench.mjs --events 1000 --rounds 3 --every-ms 10

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createParser } from "throughline/core";

/** @typedef {import("node:child_process").ChildProcess} Child */
/** @typedef {{ name: string, url: string }} Way */
/** @typedef {{ way: string, readers: number, p50: number, p99: number, count: number }} Row */

/** Events that come first and are not measured: code has to become warm, and files have to grow. */
const WARM_UP = 200;

const READERS = [1, 50];

/** Where the gateway stores. Events are delivered once they are on disk, whenever acknowledged. */
const LOGS = ["memory", "embedded"];

/** What the gateway knows of the backend: items with keys, which is the longest way through it. */
const ROUTES = `
check: none
routes:
  - name: feed
    path: /feed
    isChecked: false
    kinds: [{ name: alert, match: { type: alert }, key: data.id }]
`;

/** @param {string} file beside this one */
function pathOf(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}

async function main() {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "1000" },
      rounds: { type: "string", default: "3" },
      "every-ms": { type: "string", default: "10" },
    },
  });
  const [events, rounds, everyMs] = [values.events, values.rounds, values["every-ms"]].map(Number);
  const folder = mkdtempSync(join(tmpdir(), "gateway-bench-"));
  /** @type {Child[]} */
  const children = [];
  try {
    const backend = await start(children, [pathOf("gateway-backend.mjs")]);
    const config = join(folder, "gateway.yaml");
    writeFileSync(config, ROUTES);
    const main = pathOf("../dist/cli/main.js");
    const command = [main, "gateway", "--upstream", backend, "--config", config, "--port", "0"];
    /** @type {Way[]} */
    const ways = [{ name: "direct", url: backend }];
    for (const log of LOGS) {
      const place = ["--log", log, "--data-dir", join(folder, log), "--log-level", "info"];
      ways.push({ name: `gateway, ${log}`, url: await start(children, [...command, ...place]) });
    }
    /** @type {Row[]} */
    const rows = [];
    for (const readers of READERS) {
      /** @type {Map<string, number[]>} */
      const delays = new Map(ways.map(({ name }) => [name, []]));
      for (let round = 0; round < (rounds ?? 1); round += 1) {
        for (const way of ways) {
          const run = {
            backend,
            url: way.url,
            readers,
            events: events ?? 0,
            everyMs: everyMs ?? 0,
          };
          delays.get(way.name)?.push(...(await measure(run)));
        }
      }
      for (const [way, all] of delays) rows.push(describe(way, readers, all));
    }
    report(rows, { rounds, events, everyMs });
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Starts a program that says where it listens in a line of JSON.
 *
 * @param {Child[]} children
 * @param {readonly string[]} argv
 */
async function start(children, argv) {
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  let said = "";
  /** @type {Promise<string>} */
  const listening = new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      said = `${said}${chunk}`.slice(-10_000);
      const url = /"event":"listening".*?"url":"([^"]+)"/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once("exit", () => reject(new Error(`${argv.join(" ")} has ended:\n${said}`)));
  });
  return await listening;
}

/**
 * Milliseconds from the backend to each reader, of every event.
 *
 * @param {{ backend: string, url: string, readers: number, events: number, everyMs: number }} run
 */
async function measure({ backend, url, readers, events, everyMs }) {
  const total = events + WARM_UP;
  /** @type {number[]} */
  const delays = [];
  const opened = await Promise.all(
    Array.from({ length: readers }, () => read(url, total, (delay) => delays.push(delay))),
  );
  await ask(`${backend}/emit?count=${total}&everyMs=${everyMs}`);
  await Promise.all(opened.map(({ done }) => done));
  for (const { leave } of opened) leave();
  return delays;
}

/**
 * One reader. It is open when this resolves, and done when it has seen all events.
 *
 * @param {string} url
 * @param {number} total
 * @param {(delayMs: number) => void} onDelay
 */
async function read(url, total, onDelay) {
  const outgoing = request(`${url}/feed`, { agent: false });
  outgoing.on("error", () => {});
  outgoing.end();
  const [response] = await once(outgoing, "response");
  let seen = 0;
  /** @type {Promise<void>} */
  const done = new Promise((resolve, reject) => {
    const parser = createParser(
      {
        onEvent: ({ type, data }) => {
          if (type !== "message") return;
          const nowNs = process.hrtime.bigint();
          seen += 1;
          const { at } = JSON.parse(data).data;
          if (seen > WARM_UP) onDelay(Number(nowNs - BigInt(at)) / 1e6);
          if (seen === total) resolve();
        },
      },
      { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
    );
    response.on("data", (/** @type {Buffer} */ chunk) => parser.push(chunk));
    response.once("close", () => reject(new Error(`only ${seen} of ${total} events came`)));
  });
  // It is awaited later, and has been heard of then.
  done.catch(() => {});
  return { done, leave: () => outgoing.destroy() };
}

/** @param {string} url */
async function ask(url) {
  const outgoing = request(url, { method: "POST", agent: false });
  outgoing.end();
  const [response] = await once(outgoing, "response");
  response.resume();
}

/**
 * @param {string} way
 * @param {number} readers
 * @param {readonly number[]} delays
 * @returns {Row}
 */
function describe(way, readers, delays) {
  const sorted = [...delays].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) =>
    sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { way, readers, p50: at(0.5), p99: at(0.99), count: sorted.length };
}

/**
 * @param {readonly Row[]} rows
 * @param {object} setting
 */
function report(rows, setting) {
  console.log(`Milliseconds from the backend to its readers; ${JSON.stringify(setting)}`);
  console.log("| readers | way | events | p50 | p99 | p50 added | p99 added |");
  console.log("|---|---|---|---|---|---|---|");
  for (const { way, readers, p50, p99, count } of rows) {
    const direct = rows.find((row) => row.readers === readers && row.way === "direct");
    const more = [p50 - (direct?.p50 ?? p50), p99 - (direct?.p99 ?? p99)];
    const figures = [p50, p99, ...more].map((ms) => ms.toFixed(2)).join(" | ");
    console.log(`| ${readers} | ${way} | ${count} | ${figures} |`);
  }
}

await main();
