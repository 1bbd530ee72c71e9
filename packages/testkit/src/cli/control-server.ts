// Commands over HTTP, for scripts and for tests in other languages.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { formatFault } from "../scenario/index.js";
import type { ProxySession } from "./proxy-session.js";

/** A server that takes commands. */
export interface Control {
  readonly url: string;
  close(): Promise<void>;
}

/** A command is a line. */
const MOST_BYTES = 64 * 1024;

/** Listens on loopback: whoever may break connections there may do so already. */
export async function startControl(session: ProxySession, port: number): Promise<Control> {
  const server = createServer((request, response) => {
    void answer(session, request, response);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  session: ProxySession,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "GET") {
    const { fault, connections, statistics } = session.proxy;
    const seen = { fault: formatFault(fault), connections, ...statistics };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(seen));
    return;
  }
  const line = request.method === "POST" ? await readText(request) : undefined;
  if (line === undefined) {
    response.writeHead(405, { allow: "GET, POST" }).end("Expected GET, or POST with a line.\n");
    return;
  }
  const { kind, text } = await session.obey(line);
  response.writeHead(kind === "error" ? 400 : 200, { "content-type": "text/plain" });
  response.end(text === "" ? "" : `${text}\n`);
}

/** `undefined` where it is too long, or broken off. */
async function readText(request: IncomingMessage): Promise<string | undefined> {
  let text = "";
  try {
    for await (const chunk of request.setEncoding("utf8")) {
      text += String(chunk);
      if (text.length > MOST_BYTES) return undefined;
    }
    return text;
  } catch {
    // Whoever asked has gone.
    return undefined;
  }
}
