// The hub over TLS and HTTP/2, with HTTP/1.1 for those who do not speak it, without a proxy before it.
// A page may then have as many streams as it likes: browsers open six HTTP/1.1 connections to a host,
// and one of HTTP/2, which all of them share.
//
//   const hub = createHub({ log: createMemoryLog(), basePath: "/live" });

import { once } from "node:events";
import { createSecureServer, type ServerHttp2Session } from "node:http2";
import { type ServeOptions, type Serving, urlOf } from "./serving.js";

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Serves `/live/streams/<name>` and an own route. The hub needs `basePath: "/live"`. */
export async function serveHttp2({
  hub,
  port,
  host,
  certificate,
}: ServeOptions & { readonly certificate: Certificate }): Promise<Serving> {
  const server = createSecureServer({ ...certificate, allowHTTP1: true }, (request, response) => {
    if (request.url.startsWith("/live/")) {
      hub.handleNode(request, response);
    } else {
      response.end("This is the rest of the application.\n");
    }
  });
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  server.listen(port, host);
  await once(server, "listening");

  return {
    url: urlOf(server, "https"),
    close: async () => {
      // Says GOAWAY: streams go on to their end, and who comes back does so over a new connection,
      // which leads to a successor where there is one.
      for (const session of sessions) session.close();
      // Then the hub, and the server last: see node-http.ts.
      await hub.close();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
