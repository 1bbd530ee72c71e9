// A server as a user of the package may have one: events in an array, ids that count, nothing that is forgotten.

import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface MyServer {
  readonly url: string;
  publish(data: string): void;
  close(): Promise<void>;
}

export async function startMyServer(): Promise<MyServer> {
  const events: string[] = [];
  const readers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-transform",
    });
    response.flushHeaders();
    const after = Number(request.headers["last-event-id"]);
    // Without an id a reader begins with what comes next; an id that is none begins at the beginning.
    const start = request.headers["last-event-id"] === undefined ? events.length : after || 0;
    for (const event of events.slice(start)) response.write(event);
    readers.add(response);
    response.on("close", () => readers.delete(response));
  });
  const pulse = setInterval(() => {
    for (const reader of readers) reader.write(": alive\n\n");
  }, 1000);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    publish: (data) => {
      const event = `id: ${events.length + 1}\ndata: ${data}\n\n`;
      events.push(event);
      for (const reader of readers) reader.write(event);
    },
    close: async () => {
      clearInterval(pulse);
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
