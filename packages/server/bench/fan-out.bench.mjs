// What a delivery costs the server: CPU time per subscriber and event, for the hub and for the plain
// way (`response.write` to each of a list), alternating. Readers are raw sockets in this process, the
// server is another one, whose own CPU time is counted. No thresholds: the numbers are for people.
//
//   npm run build && node packages/server/bench/fan-out.bench.mjs [subscribers] [rounds]

import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";

const SELF = fileURLToPath(import.meta.url);
const DATA = "x".repeat(150);

const WORKLOADS = {
  "one event at a time": { events: 400, perTurn: 1 },
  "bursts of 100": { events: 4000, perTurn: 100 },
};

/** Each makes a request listener and a function that publishes some events at once. */
const SERVERS = {
  hub: async () => {
    const { createHub, createMemoryLog } = await import("@throughline/server");
    const hub = createHub({ log: createMemoryLog() });
    return {
      listener: hub.handleNode,
      publish: (count) => hub.publish("bench", Array(count).fill({ data: DATA })),
    };
  },
  "response.write": async () => {
    const responses = [];
    let id = 0;
    return {
      listener: (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(":\n\n");
        responses.push(response);
      },
      publish: async (count) => {
        for (let left = count; left > 0; left -= 1) {
          id += 1;
          const text = `id: e1.${id}\ndata: ${DATA}\n\n`;
          for (const response of responses) response.write(text);
        }
      },
    };
  },
};

if (process.send === undefined) await compare();
else await serve(process.argv[2]);

async function compare() {
  const subscribers = Number(process.argv[2] ?? 1000);
  const rounds = Number(process.argv[3] ?? 3);
  const measured = {};
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of Object.keys(SERVERS)) {
      for (const [workload, result] of Object.entries(await measure(name, subscribers))) {
        const key = `${workload}, ${name}`;
        measured[key] = [...(measured[key] ?? []), result];
      }
    }
  }
  const rows = Object.entries(measured).map(([name, results]) => {
    const median = (field) => results.map((r) => r[field]).sort((a, b) => a - b)[rounds >> 1];
    return {
      workload: name,
      "µs CPU per delivery": median("microseconds").toFixed(2),
      "deliveries per second": Math.round(median("perSecond")),
    };
  });
  console.log(`${subscribers} subscribers, median of ${rounds} rounds`);
  console.table(rows);
}

/** Starts a server, connects the readers, and runs all workloads. */
async function measure(name, subscribers) {
  const child = fork(SELF, [name]);
  const [{ port }] = await once(child, "message");
  const readers = await connectAll(port, subscribers);
  const results = {};
  for (const [workload, { events, perTurn }] of Object.entries(WORKLOADS)) {
    readers.expect(events);
    const startedMs = performance.now();
    child.send({ events, perTurn });
    await readers.haveAll();
    const seconds = (performance.now() - startedMs) / 1000;
    child.send("cpu");
    const [{ cpuMicroseconds }] = await once(child, "message");
    const deliveries = events * subscribers;
    results[workload] = {
      microseconds: cpuMicroseconds / deliveries,
      perSecond: deliveries / seconds,
    };
  }
  readers.close();
  child.kill();
  await once(child, "exit");
  return results;
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
  for (let index = 0; index < count; index += 1) {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET /streams/bench HTTP/1.1\r\nHost: bench\r\n\r\n");
    await once(socket, "data");
    sockets.push(socket);
  }
  for (const socket of sockets) socket.on("data", countEvents(onEvent));
  return {
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

async function serve(name) {
  const { listener, publish } = await SERVERS[name]();
  const server = createServer(listener);
  server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
  let before = process.cpuUsage();
  process.on("message", async (message) => {
    if (message === "cpu") {
      const { user, system } = process.cpuUsage(before);
      process.send({ cpuMicroseconds: user + system });
      return;
    }
    before = process.cpuUsage();
    for (let left = message.events; left > 0; left -= message.perTurn) {
      await publish(message.perTurn);
      // Two turns: what was published is written in the first, and sockets are served in between.
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    }
  });
}
