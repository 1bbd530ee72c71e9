// One request over HTTP/2, beside others on the same connection.

import { type ClientHttp2Session, constants } from "node:http2";
import type { Ask, Reply } from "./exchange.js";
import { joinHeaders } from "./http1.js";

/** Sends a request; resolves with the head of its answer. */
export function requestHttp2(session: ClientHttp2Session, ask: Ask): Promise<Reply> {
  const beganMs = performance.now();
  if (session.destroyed || session.closed) {
    return Promise.resolve({ kind: "broken", code: "ECONNRESET" });
  }
  return new Promise((resolve) => {
    const stream = session.request(
      {
        ":method": ask.method,
        ":path": `${ask.url.pathname}${ask.url.search}`,
        ...ask.headers,
      },
      { endStream: ask.body === undefined },
    );
    const late = setTimeout(() => {
      stream.close(constants.NGHTTP2_CANCEL);
      resolve({ kind: "silent", waitedMs: performance.now() - beganMs });
    }, ask.withinMs);
    const broken = (code: string) => {
      clearTimeout(late);
      // Where the answer has come, the body tells of what happens later.
      resolve({ kind: "broken", code });
    };
    stream.on("error", (error) => broken("code" in error ? String(error.code) : error.name));
    stream.on("close", () => broken("ECONNRESET"));
    stream.on("response", (headers) => {
      clearTimeout(late);
      resolve({
        kind: "answer",
        answer: {
          httpVersion: "2",
          status: Number(headers[":status"]),
          headers: joinHeaders(headers),
          headersMs: performance.now() - beganMs,
          read: ({ onBytes, onEnd }) => {
            let hasEnded = false;
            const end = (kind: "closed" | "cut") => {
              if (!hasEnded) onEnd(kind);
              hasEnded = true;
            };
            stream.on("data", onBytes);
            stream.on("aborted", () => end("cut"));
            stream.on("end", () => end("closed"));
            stream.on("close", () => end("cut"));
            if (stream.destroyed) queueMicrotask(() => end("cut"));
          },
          close: () => {
            stream.removeAllListeners();
            stream.on("error", () => {});
            stream.close(constants.NGHTTP2_CANCEL);
          },
        },
      });
    });
    if (ask.body !== undefined) stream.end(ask.body);
  });
}
