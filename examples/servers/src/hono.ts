// The hub in Hono 4, by its web-standard handler.
//
//   const hub = createHub({ log: createMemoryLog(), basePath: "/live" });

import { once } from "node:events";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { compress } from "hono/compress";
import { type ServeOptions, type Serving, urlOf } from "./serving.js";

/** Serves `/live/streams/<name>` and an own route. The hub needs `basePath: "/live"`. */
export async function serveHono({ hub, port, host }: ServeOptions): Promise<Serving> {
  const app = new Hono();
  // Leaves event streams alone: the hub sends `no-transform`.
  app.use(compress());
  app.all("/live/*", (context) => hub.fetch(context.req.raw));
  app.get("/", (context) => context.text("This is the rest of the application.\n"));

  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(port, host);
  await once(server, "listening");
  return {
    url: urlOf(server),
    close: async () => {
      // The hub first: see node-http.ts.
      await hub.close();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
