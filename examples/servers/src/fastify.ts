// The hub in Fastify 5.
//
//   const hub = createHub({ log: createMemoryLog(), basePath: "/live" });

import fastifyCompress from "@fastify/compress";
import fastify from "fastify";
import type { ServeOptions, Serving } from "./serving.js";

/** Serves `/live/streams/<name>` and an own route. The hub needs `basePath: "/live"`. */
export async function serveFastify({ hub, port, host }: ServeOptions): Promise<Serving> {
  const app = fastify();
  // Compresses what Fastify answers; a hijacked reply never comes to it.
  await app.register(fastifyCompress);
  app.get("/", async () => "This is the rest of the application.\n");

  // In a scope of its own: the parsers that are taken away are missed nowhere else.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The hub reads bodies itself, and refuses what it cannot use.
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    scope.all("/live/*", (request, reply) => {
      // What hooks have set before us, for example for CORS, goes along.
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      reply.hijack();
      hub.handleNode(request.raw, reply.raw);
    });
  });
  // Before Fastify stops to listen; it waits for this.
  app.addHook("preClose", () => hub.close());

  const url = await app.listen({ port, host });
  return { url, close: () => app.close() };
}
