// What workers cost and give: CPU time per delivery of each process of `throughline serve`, and deliveries
// per second, for a single process and for several workers, alternating; and what the way between the
// workers and the log carries. No thresholds: the numbers are for people.
//
// Readers are raw sockets in this process. It needs a core for itself, and so does the primary: with W workers
// deliveries per second grow as they should on W + 2 cores or more. CPU time per delivery is the same on any
// machine, and says how many workers one primary can feed.
//
//   npm run build && node packages/server/bench/workers.bench.mjs [subscribers] [rounds] [workers,workers…]

import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect, Socket } from "node:net";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SELF = fileURLToPath(import.meta.url);
const COMMAND = fileURLToPath(new URL("../bin/throughline.mjs", import.meta.url));
const DATA = "x".repeat(150);

const WORKLOADS = {
  "one event at a time": { events: 400, perBatch: 1 },
  "bursts of 100": { events: 4000, perBatch: 100 },
};

/** What one reader reads from the beginning, most of which is in no worker's memory. */
const HISTORY_EVENTS = 50_000;

/** Events through the channel: how many are sent in one turn, and how many turns. */
const CHANNEL_WORKLOADS = [
  { perTurn: 1, turns: 50_000 },
  { perTurn: 64, turns: 5000 },
];

if (process.argv[2] === "channel") await receive();
else await compare();

async function compare() {
  const subscribers = Number(process.argv[2] ?? 1000);
  const rounds = Number(process.argv[3] ?? 3);
  const kinds = (process.argv[4] ?? "1,2").split(",").map(Number);
  const measured = new Map();
  for (let round = 1; round <= rounds; round += 1) {
    for (const workers of kinds) {
      for (const [workload, result] of Object.entries(await measure(workers, subscribers))) {
        const key = `${workload}, ${workers === 1 ? "single process" : `${workers} workers`}`;
        measured.set(key, [...(measured.get(key) ?? []), result]);
      }
    }
  }
  const rows = [...measured].map(([name, results]) => {
    const median = (field) => results.map(field).sort((a, b) => a - b)[rounds >> 1];
    return {
      workload: name,
      "µs CPU per delivery, all": median(({ all }) => all).toFixed(2),
      "of them the primary": median(({ primary }) => primary).toFixed(3),
      "readers per worker": results.at(-1).shares,
      "deliveries per second": Math.round(median(({ perSecond }) => perSecond)),
    };
  });
  console.log(
    `${subscribers} subscribers, median of ${rounds} rounds, ${availableParallelism()} cores for ` +
      "server and load together",
  );
  console.table(rows);
  console.log("From the log to one worker, 200 bytes an event:");
  console.table(await measureChannel());
}

/** Starts a server, connects the readers, and runs all workloads. */
async function measure(workers, subscribers) {
  const server = await startServer(workers);
  const readers = await connectAll(server.port, subscribers);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const results = {};
  for (const [workload, { events, perBatch }] of Object.entries(WORKLOADS)) {
    const body = JSON.stringify(Array(perBatch).fill({ data: DATA }));
    readers.expect(events);
    const { all, primary, perSecond } = await cost(server, events * subscribers, async () => {
      for (let left = events; left > 0; left -= perBatch) {
        await publish(server.port, "bench", agent, body);
      }
      await readers.haveAll();
    });
    results[workload] = { all, primary, perSecond, shares: readers.shares };
  }
  readers.close();
  const body = JSON.stringify(Array(1000).fill({ data: DATA }));
  for (let left = HISTORY_EVENTS; left > 0; left -= 1000) {
    await publish(server.port, "history", agent, body);
  }
  results["replay to one reader"] = {
    ...(await cost(server, HISTORY_EVENTS, () => readHistory(server.port))),
    shares: "1",
  };
  agent.destroy();
  await server.stop();
  return results;
}

/** What something costs the processes of a server, for each of so many deliveries. */
async function cost(server, deliveries, work) {
  const before = server.cpuMicroseconds();
  const startedMs = performance.now();
  await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const spent = server.cpuMicroseconds().map((after, index) => after - before[index]);
  return {
    all: spent.reduce((sum, each) => sum + each, 0) / deliveries,
    primary: spent.length === 1 ? 0 : spent[0] / deliveries,
    perSecond: deliveries / seconds,
  };
}

async function readHistory(port) {
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /streams/history?cursor=earliest HTTP/1.1\r\nHost: bench\r\n\r\n");
  let missing = HISTORY_EVENTS;
  await new Promise((resolve) => {
    const onEvent = () => {
      missing -= 1;
      if (missing === 0) resolve();
    };
    socket.on("data", countEvents(onEvent));
  });
  socket.destroy();
}

/** A real server. Its processes are read from the lines that it writes. */
async function startServer(workers) {
  const times = ["--not-ready-ms", "0", "--drain-ms", "0"];
  const limits = ["--max-connections", "20000", "--publish-per-second", "1000000"];
  const argv = ["serve", "--log", "memory", "--port", "0", "--workers", String(workers)];
  const child = spawn(
    process.execPath,
    [COMMAND, ...argv, ...times, ...limits, "--publish-burst", "1000000"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const pids = [child.pid];
  const port = await new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text);
      if (line.event === "worker-serving") pids.push(line.pid);
      if (line.event === "listening") resolve(Number(new URL(line.url).port));
    });
  });
  return {
    port,
    cpuMicroseconds: () => pids.map(cpuOf),
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** CPU time of a process in microseconds, as Linux counts it: in hundredths of a second. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function publish(port, stream, agent, body) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const options = { port, host: "127.0.0.1", path: `/streams/${stream}`, method: "POST", agent };
    const sent = request({ ...options, headers }, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 201) resolve();
        else reject(new Error(`publishing was answered ${response.statusCode}`));
      });
    });
    sent.on("error", reject).end(body);
  });
}

/** Readers that count events, and complain about one too many. */
async function connectAll(port, count) {
  let missing = 0;
  let whenNone = () => {};
  const onEvent = () => {
    missing -= 1;
    if (missing < 0) throw new Error("an event that nobody published");
    if (missing === 0) whenNone();
  };
  const sockets = [];
  const perHub = new Map();
  for (let index = 0; index < count; index += 1) {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET /streams/bench HTTP/1.1\r\nHost: bench\r\n\r\n");
    let text = "";
    while (!text.includes("leases/")) text += (await once(socket, "data"))[0].toString("latin1");
    const [, hub] = /leases\/([^/]+)\//.exec(text);
    perHub.set(hub, (perHub.get(hub) ?? 0) + 1);
    sockets.push(socket);
  }
  for (const socket of sockets) socket.on("data", countEvents(onEvent));
  return {
    shares: [...perHub.values()].join(" + "),
    expect: (events) => {
      missing = events * count;
    },
    haveAll: () =>
      new Promise((resolve) => {
        whenNone = resolve;
        if (missing === 0) resolve();
      }),
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Counts the `data` lines of a response; all of them begin with the same text. */
function countEvents(onEvent) {
  const mark = "data: xx";
  let rest = "";
  return (chunk) => {
    const text = rest + chunk.toString("latin1");
    let at = text.indexOf(mark);
    let end = 0;
    while (at >= 0) {
      onEvent();
      end = at + mark.length;
      at = text.indexOf(mark, end);
    }
    rest = text.slice(Math.max(end, text.length - mark.length + 1));
  };
}

/** Tails a log from another process, and counts what the two processes spend on it. */
async function measureChannel() {
  const { createLogChannel, createMemoryLog, parseStreamName, serveLog } = await import(
    "@throughline/server/log"
  );
  const rows = [];
  for (const { perTurn, turns } of CHANNEL_WORKLOADS) {
    // All of it stays: a worker that does not keep up reads what it was not told.
    const log = createMemoryLog({ maxEvents: 1e6, maxBytes: 2 ** 30, maxTotalBytes: 2 ** 30 });
    const stream = parseStreamName("bench");
    const child = fork(SELF, ["channel"], {
      stdio: ["ignore", "inherit", "inherit", "ipc", "pipe"],
    });
    serveLog(log, createLogChannel(child.stdio[4]));
    const { epoch, offset } = await log.head(stream);
    child.send({ epoch, offset, events: perTurn * turns });
    await once(child, "message");
    const events = Array(perTurn).fill({ type: "alert", topic: "ward/42", data: "x".repeat(200) });
    const before = process.cpuUsage();
    const startedMs = performance.now();
    for (let turn = 0; turn < turns; turn += 1) {
      await log.append(stream, events);
      await new Promise(setImmediate);
    }
    const [{ cpuMicroseconds }] = await once(child, "message");
    const seconds = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(before);
    const count = perTurn * turns;
    rows.push({
      "events in one turn": perTurn,
      "events per second": Math.round(count / seconds),
      "µs CPU per event, log and way": ((user + system) / count).toFixed(2),
      "µs CPU per event, worker": (cpuMicroseconds / count).toFixed(2),
    });
    child.kill();
    await once(child, "exit");
  }
  return rows;
}

async function receive() {
  const { createLogChannel, createRemoteLog, parseStreamName } = await import(
    "@throughline/server/log"
  );
  const socket = new Socket({ fd: 4, readable: true, writable: true });
  const log = createRemoteLog(createLogChannel(socket));
  const [{ epoch, offset, events }] = await once(process, "message");
  let count = 0;
  let before;
  log.tail(parseStreamName("bench"), { epoch, offset }, (message) => {
    count += message.events.length;
    if (count < events) return;
    const { user, system } = process.cpuUsage(before);
    process.send({ cpuMicroseconds: user + system });
  });
  // The tail is live when the log has answered what was asked after it.
  await log.head(parseStreamName("bench"));
  before = process.cpuUsage();
  process.send("ready");
}
