// The server of the browser tests: the page, a hub, and the rows of its stream as a snapshot.

import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createHub, createMemoryLog, type HubStats } from "@throughline/server";

const HTML =
  '<!doctype html><link rel="icon" href="data:," /><script defer src="/page.js"></script>';

/** The server. */
export interface PageServer {
  readonly url: string;
  stats(): HubStats;
  /** Publishes the next row so often, until the function that is returned is called. */
  publishEvery(ms: number): () => Promise<void>;
  /** Publishes so many rows at once. */
  publish(count: number): Promise<void>;
  /** All rows so far. */
  readonly rows: readonly number[];
  /** Cuts every stream off, and answers 503 until {@link restore}. */
  cut(): void;
  restore(): void;
  /** Answers the next snapshots with 500. */
  failSnapshots(count: number): void;
  close(): Promise<void>;
}

/** Starts the server with a log that keeps few events. @param script the page's code */
export async function startPageServer(script: string): Promise<PageServer> {
  const hub = createHub({
    log: createMemoryLog({ maxEvents: 50 }),
    cache: { events: 20, bytes: 65_536 },
  });
  const rows: number[] = [];
  const streams = new Set<Socket>();
  let cursor = "";
  let isAway = false;
  let failing = 0;

  const server = createServer((request, response) => {
    const { url = "/", socket } = request;
    if (url.startsWith("/streams/")) {
      if (isAway) {
        response.writeHead(503).end();
        return;
      }
      streams.add(socket);
      hub.handleNode(request, response);
      return;
    }
    if (url === "/snapshot") {
      failing -= 1;
      response.writeHead(failing >= 0 ? 500 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify({ rows, cursor }));
      return;
    }
    const isScript = url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : HTML);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  /** One after the other, whoever asks. */
  let last = Promise.resolve();
  function publish(count: number): Promise<void> {
    last = last.then(async () => {
      for (let left = count; left > 0; left -= 1) await publishNext();
    });
    return last;
  }

  async function publishNext(): Promise<void> {
    const n = rows.length + 1;
    const published = await hub.publish("feed", { data: JSON.stringify({ n }) });
    // In one turn: a snapshot has exactly the rows up to its cursor.
    rows.push(n);
    cursor = published.cursors[0] ?? "";
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stats: () => hub.stats(),
    publish,
    publishEvery(ms) {
      const timer = setInterval(() => void publish(1), ms);
      return () => {
        clearInterval(timer);
        return last;
      };
    },
    rows,
    cut() {
      isAway = true;
      for (const socket of streams) socket.destroy();
      streams.clear();
    },
    restore() {
      isAway = false;
    },
    failSnapshots(count) {
      failing = count;
    },
    async close() {
      await hub.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
