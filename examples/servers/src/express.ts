// The hub in Express 5, behind the middleware that applications usually have.
//
//   const hub = createHub({ log: createMemoryLog() });

import { once } from "node:events";
import compression from "compression";
import express from "express";
import { type ServeOptions, type Serving, urlOf } from "./serving.js";

/**
 * Serves `/live/streams/<name>` and an own route. The hub needs no `basePath`: Express takes away the
 * path that a handler is mounted at.
 */
export async function serveExpress({ hub, port, host }: ServeOptions): Promise<Serving> {
  const app = express();
  // Leaves event streams alone: the hub sends `no-transform`.
  app.use(compression());
  // The hub takes a body that was parsed before it as it was left.
  app.use(express.json({ limit: "1mb" }));

  app.use("/live", hub.handleNode);
  app.get("/", (_request, response) => {
    response.send("This is the rest of the application.\n");
  });

  const server = app.listen(port, host);
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
