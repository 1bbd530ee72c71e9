// The servers that are measured side by side. Each is started alone, on the core for servers, with one stream
// and the same two questions to it: how to subscribe, and what the requests are that publish some events.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CORES, portOf } from "./children.mjs";
import { familyOf } from "./cpu.mjs";
import { postRequest } from "./publisher.mjs";

const beside = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const NGINX = "/usr/sbin/nginx";
const NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/** Our own: with everything that it does by default. */
const HUB = { subscribe: "/streams/bench" };

/** All there are, in the order of the tables; `missing` says why one cannot take part. */
const SERVERS = [
  { name: "Throughline", start: (run) => startHub(run, "memory") },
  { name: "C, write()", isCeiling: true, missing: missingCompiler, start: startCeiling },
  { name: "nchan", missing: missingNchan, start: startNchan },
  { name: "response.write", start: (run) => startNodePeer(run, "plain") },
  { name: "better-sse", start: (run) => startNodePeer(run, "better-sse") },
];

/** The hub with the log that keeps everything on disk. */
export const DURABLE_HUB = {
  name: "Throughline, embedded",
  start: (run) => startHub(run, "embedded"),
};

export const MEMORY_HUB = SERVERS[0];

/** Those of `SERVERS` that are here, but for the ceiling where it makes no sense. */
export function presentServers({ withCeiling = true } = {}) {
  return SERVERS.filter(
    ({ missing, isCeiling }) => missing?.() === undefined && (withCeiling || isCeiling !== true),
  );
}

/** Why others cannot take part: lines for the reader of the report. */
export function missingServers() {
  return SERVERS.flatMap(({ name, missing }) => {
    const why = missing?.();
    return why === undefined ? [] : [`${name}: ${why}`];
  });
}

function missingCompiler() {
  return spawnSync("gcc", ["--version"]).status === 0 ? undefined : "there is no gcc to compile it";
}

function missingNchan() {
  const isThere = existsSync(NGINX) && existsSync(NCHAN);
  return isThere ? undefined : "Debian's package libnginx-mod-nchan is not installed";
}

/** Starts a server, and returns it with what has to be known of it. */
async function started(run, { child, port, folder, subscribe, publish }) {
  return {
    port: await port,
    pids: () => familyOf(child.pid),
    subscribe: (headers = {}) => getRequest(subscribe, headers),
    publish,
    stop: async () => {
      await run.children.end(child);
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function getRequest(path, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n${lines.join("")}\r\n`;
}

async function startHub(run, log) {
  const folder = mkdtempSync(join(tmpdir(), "throughline-bench-"));
  const command = [beside("../dist/cli/main.js"), "serve", "--port", "0"];
  const store = ["--log", log, "--data-dir", join(folder, "log")];
  const room = ["--max-events", "200000", "--max-bytes", String(2 ** 28), "--max-total-bytes"];
  // The limits stay on, and let everything through.
  const rates = ["subscribe", "publish"].flatMap((what) =>
    ["per-second", "burst"].flatMap((name) => [`--${what}-${name}`, "1000000"]),
  );
  const args = [...command, ...store, ...room, String(2 ** 28), ...rates];
  const child = run.children.start(CORES.server, process.execPath, args);
  const port = portOf(child, /"url":"http:\/\/127\.0\.0\.1:(\d+)"/);
  const publish = (events) => [publishRequest("bench", events)];
  return await started(run, { child, port, folder, ...HUB, publish });
}

/** A request that publishes events on a stream of the hub: one as it is, several as a batch. */
export function publishRequest(stream, events, topic) {
  const all = events.map((data) => ({ data, topic }));
  const body = JSON.stringify(all.length === 1 ? all[0] : all);
  return postRequest(`/streams/${stream}`, body, "application/json");
}

async function startNodePeer(run, name) {
  const args = [beside("servers/node-peers.mjs"), name];
  const child = run.children.start(CORES.server, process.execPath, args);
  const publish = (events) => [postRequest("/publish", events.join("\n"))];
  return await started(run, { child, port: portOf(child, PORT), subscribe: "/events", publish });
}

async function startCeiling(run) {
  const folder = mkdtempSync(join(tmpdir(), "throughline-bench-"));
  const program = join(folder, "ceiling");
  const { status, stderr } = spawnSync("gcc", ["-O2", "-o", program, beside("servers/ceiling.c")]);
  if (status !== 0) throw new Error(`gcc cannot compile ceiling.c:\n${stderr}`);
  const child = run.children.start(CORES.server, program, []);
  const publish = (events) => [postRequest("/publish", events.join("\n"))];
  const port = portOf(child, PORT);
  return await started(run, { child, port, folder, subscribe: "/events", publish });
}

async function startNchan(run) {
  const folder = mkdtempSync(join(tmpdir(), "throughline-bench-"));
  const port = await freePort();
  const text = readFileSync(beside("servers/nchan.conf"), "utf8");
  const config = join(folder, "nginx.conf");
  writeFileSync(config, text.replaceAll("PORT", String(port)).replaceAll("FOLDER", folder));
  const args = ["-p", folder, "-e", join(folder, "error.log"), "-c", config];
  const child = run.children.start(CORES.server, NGINX, args);
  await listening(port);
  // It takes one event per request; those that shall arrive together are sent in one piece.
  const publish = (events) => events.map((data) => postRequest("/publish", data));
  return await started(run, { child, port, folder, subscribe: "/events", publish });
}

const PORT = /port (\d+)/;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const LISTENS_WITHIN_MS = 10_000;

async function listening(port) {
  const untilMs = performance.now() + LISTENS_WITHIN_MS;
  while (performance.now() < untilMs) {
    try {
      await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
      return;
    } catch {
      // Not yet.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error(`nothing listens on port ${port}`);
}
