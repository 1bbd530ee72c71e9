// Hono: `streamSSE`.

import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { type App, KEEP_ALIVE_MS } from "./app.js";

export const hono: App = (table) => {
  const app = new Hono();
  app.get("/events", (context) =>
    streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const lastEventId = context.req.header("last-event-id");
      for await (const row of table.follow(lastEventId, gone.signal, KEEP_ALIVE_MS)) {
        if (row === undefined) await stream.write(": keep-alive\n\n");
        else await stream.writeSSE({ id: String(row.id), data: String(row.id) });
      }
    }),
  );
  return createServer(getRequestListener(app.fetch));
};
