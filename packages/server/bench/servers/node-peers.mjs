// What others would write with Node: `response.write` to each of a list, and better-sse. Both keep what
// was published, so that a reader that comes back with the id that it saw last gets what it has missed.
//
//   node node-peers.mjs plain | better-sse

import { createServer } from "node:http";
import { createChannel, createSession } from "better-sse";

const history = [];

const PEERS = {
  plain: () => {
    const responses = new Set();
    const textOf = (id) => `id: ${id}\ndata: ${history[id - 1]}\n\n`;
    return {
      subscribe: (request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(":\n\n");
        for (let id = lastIdOf(request) + 1; id <= history.length; id += 1) {
          response.write(textOf(id));
        }
        responses.add(response);
        response.once("close", () => responses.delete(response));
      },
      publish: (data) => {
        const text = textOf(history.push(data));
        for (const response of responses) response.write(text);
      },
    };
  },
  "better-sse": () => {
    const channel = createChannel();
    return {
      subscribe: async (request, response) => {
        const session = await createSession(request, response, { serializer: String });
        for (let id = lastIdOf(request) + 1; id <= history.length; id += 1) {
          session.push(history[id - 1], "message", String(id));
        }
        channel.register(session);
      },
      publish: (data) => {
        const id = history.push(data);
        channel.broadcast(data, "message", { eventId: String(id) });
      },
    };
  },
};

/** A reader that shows nothing begins with what comes. */
function lastIdOf(request) {
  const shown = request.headers["last-event-id"];
  return shown === undefined ? history.length : Number(shown);
}

const { subscribe, publish } = PEERS[process.argv[2]]();

const server = createServer((request, response) => {
  if (request.method === "GET") {
    subscribe(request, response);
    return;
  }
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (text) => {
    body += text;
  });
  request.on("end", () => {
    for (const data of body.split("\n")) publish(data);
    response.writeHead(201).end();
  });
});
server.keepAliveTimeout = 75_000;
// As many as wait at the other servers: with the 511 of Node a crowd would run over.
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () =>
  console.log(`port ${server.address().port}`),
);
