// Fastify with its plugin for event streams, @fastify/sse.

import { fastifySSE } from "@fastify/sse";
import { fastify as createFastify } from "fastify";
import { type App, KEEP_ALIVE_MS } from "./app.js";

export const fastify: App = async (table) => {
  const app = createFastify();
  await app.register(fastifySSE, { heartbeatInterval: KEEP_ALIVE_MS });
  app.get("/events", { sse: { kind: "only" } }, async (_request, reply) => {
    reply.sse.keepAlive();
    // Otherwise it answers with the first event: too late for a reader that waits for an answer.
    reply.sse.sendHeaders();
    const gone = new AbortController();
    reply.sse.onClose(() => gone.abort());
    const rows = table.follow(reply.sse.lastEventId, gone.signal, KEEP_ALIVE_MS);
    for await (const row of rows) {
      if (row !== undefined) await reply.sse.send({ id: String(row.id), data: row.id });
    }
  });
  await app.ready();
  return app.server;
};
