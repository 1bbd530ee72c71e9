// One small question to the backend, and its answer, as far as it is read.

import { type IncomingMessage, request } from "node:http";
import { request as secureRequest } from "node:https";

export interface BackendQuestion {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the connection, wherever it stands. */
  readonly signal: AbortSignal;
}

export interface BackendAnswer {
  readonly status: number;
  /** `undefined` where it is longer than anybody would read. */
  readonly body: string | undefined;
}

/** Asks with GET; follows nothing. Rejects when there is no whole answer. */
export type AskBackend = (question: BackendQuestion) => Promise<BackendAnswer>;

/** Most of an answer that is read: who somebody is takes a few hundred bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Asks over a connection of its own: one that was kept could be closed by the backend in the moment in
 * which it is used again, and would make a backend that is well look ill.
 */
export const askOverHttp: AskBackend = ({ url, headers, signal }) =>
  new Promise((resolve, reject) => {
    const start = url.protocol === "https:" ? secureRequest : request;
    const asked = start(url, {
      agent: false,
      headers: { accept: "application/json", ...headers, connection: "close" },
      signal,
    });
    // Also after the answer has begun: an error without a listener would end the process.
    asked.on("error", reject);
    asked.once("response", (incoming) => {
      const status = incoming.statusCode ?? 0;
      readBody(incoming).then((body) => resolve({ status, body }), reject);
    });
    asked.end();
  });

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop ends the connection.
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
