// The hub beside other routes of a plain node:http server.
//
//   const hub = createHub({ log: createMemoryLog(), basePath: "/live" });

import { once } from "node:events";
import { createServer } from "node:http";
import { type ServeOptions, type Serving, urlOf } from "./serving.js";

/** Serves `/live/streams/<name>` and an own route. The hub needs `basePath: "/live"`. */
export async function serveNodeHttp({ hub, port, host }: ServeOptions): Promise<Serving> {
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/live/")) {
      hub.handleNode(request, response);
    } else {
      response.end("This is the rest of the application.\n");
    }
  });
  server.listen(port, host);
  await once(server, "listening");

  return {
    url: urlOf(server),
    close: async () => {
      // The hub first: it tells its readers, and who comes meanwhile is answered 503. A server that
      // is closed first refuses connections, and waits for readers who were told nothing.
      await hub.close();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
