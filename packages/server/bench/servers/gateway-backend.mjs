// The backend of the gateway's benchmark: a stream, as fast as Node can make one, and a word to begin with.
// `GET /feed` is the stream; `POST /emit?count=1000&everyMs=10` sends events on all that are open.

import { once } from "node:events";
import { createServer } from "node:http";

/** @type {Set<import("node:http").ServerResponse>} */
const streams = new Set();
let lastId = 0;

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://backend");
  if (url.pathname === "/emit") {
    emit(Number(url.searchParams.get("count")), Number(url.searchParams.get("everyMs")));
    response.end();
    return;
  }
  response.socket?.setNoDelay(true);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
  streams.add(response);
  response.once("close", () => streams.delete(response));
});

/**
 * @param {number} count
 * @param {number} everyMs
 */
function emit(count, everyMs) {
  const beganMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    // Late timers are made up for, so that the rate is what was asked for.
    const due = Math.min(count, Math.floor((performance.now() - beganMs) / everyMs));
    for (; sent < due; sent += 1) send();
    if (sent === count) clearInterval(timer);
  }, everyMs / 2);
}

function send() {
  lastId += 1;
  // The clock of all processes of the machine.
  const at = String(process.hrtime.bigint());
  const title = "Water supply restored in the eastern blocks of the ward";
  const data = JSON.stringify({ type: "alert", data: { id: lastId, at, title } });
  for (const stream of streams) stream.write(`data: ${data}\n\n`);
}

server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
const port = typeof address === "object" && address !== null ? address.port : 0;
process.stdout.write(
  `${JSON.stringify({ event: "listening", url: `http://127.0.0.1:${port}` })}\n`,
);
