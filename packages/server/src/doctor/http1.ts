// One request over HTTP/1.1, on a socket that is open already.

import { request as startRequest } from "node:http";
import type { Socket } from "node:net";
import type { Ask, Reply } from "./exchange.js";

/** Sends a request; resolves with the head of its answer. The socket is of no use for another one. */
export function requestHttp1(socket: Socket, ask: Ask): Promise<Reply> {
  const beganMs = performance.now();
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      socket.destroy();
      resolve({ kind: "silent", waitedMs: performance.now() - beganMs });
    }, ask.withinMs);
    const broken = (code: string) => {
      clearTimeout(late);
      // Where the answer has come, the body tells of what happens later.
      resolve({ kind: "broken", code });
    };
    const request = startRequest(
      {
        createConnection: () => socket,
        method: ask.method,
        path: `${ask.url.pathname}${ask.url.search}`,
        // As browsers say both; Node would name the port of plain HTTP, and ask for an end.
        headers: { host: ask.url.host, connection: "keep-alive", ...ask.headers },
      },
      (response) => {
        clearTimeout(late);
        const headersMs = performance.now() - beganMs;
        // Also for whoever does not read it.
        response.on("error", () => {});
        resolve({
          kind: "answer",
          answer: {
            httpVersion: response.httpVersion,
            status: response.statusCode ?? 0,
            headers: joinHeaders(response.headers),
            headersMs,
            read: ({ onBytes, onEnd }) => {
              let hasEnded = false;
              const end = (kind: "closed" | "cut") => {
                if (!hasEnded) onEnd(kind);
                hasEnded = true;
              };
              response.on("data", onBytes);
              response.on("end", () => end("closed"));
              response.on("close", () => end(response.complete ? "closed" : "cut"));
              if (response.destroyed)
                queueMicrotask(() => end(response.complete ? "closed" : "cut"));
            },
            close: () => {
              response.removeAllListeners();
              response.on("error", () => {});
              socket.destroy();
            },
          },
        });
      },
    );
    request.on("error", (error) => broken("code" in error ? String(error.code) : error.name));
    request.on("close", () => broken("ECONNRESET"));
    request.end(ask.body);
  });
}

/** Headers that came several times, as the one that they mean. */
export function joinHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || name.startsWith(":")
        ? []
        : [[name, typeof value === "string" ? value : value.join(", ")]],
    ),
  );
}
