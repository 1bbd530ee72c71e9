// A hub, and a page whose script reads it, on one origin; and an event every ten milliseconds.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createHub, createMemoryLog, parseStreamName } from "@throughline/server";

const STREAM = parseStreamName("news");
const PUBLISH_EVERY_MS = 10;

/** The page is at the origin, one without a script at `/elsewhere`, its stream at `/streams/news`. */
export interface HubPage {
  readonly origin: string;
  /** Streams that are being read. */
  readonly open: number;
  /** The data of all events since it was begun to publish: numbers from 1 on, with two topics in turn. */
  readonly published: readonly string[];
  startPublishing(): void;
  stopPublishing(): void;
  /** Breaks all connections. */
  drop(): void;
  close(): Promise<void>;
}

export async function startHubPage(script: string): Promise<HubPage> {
  const log = createMemoryLog();
  const hub = createHub({ log });
  let open = 0;
  let published: string[] = [];
  let publishing: NodeJS.Timeout | undefined;
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/streams/")) {
      if (request.method === "GET") {
        open += 1;
        response.on("close", () => {
          open -= 1;
        });
      }
      hub.handleNode(request, response);
      return;
    }
    const isScript = request.url === "/page.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    const isElsewhere = request.url === "/elsewhere";
    const page = `<!doctype html>${isElsewhere ? "" : '<script src="/page.js"></script>'}`;
    response.end(isScript ? script : page);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  function publish(): void {
    const data = String(published.length + 1);
    published.push(data);
    void log.append(STREAM, [{ type: "message", topic: `t/${published.length % 2}`, data }]);
  }

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      return open;
    },
    get published() {
      return published;
    },
    startPublishing: () => {
      published = [];
      publishing = setInterval(publish, PUBLISH_EVERY_MS);
    },
    stopPublishing: () => clearInterval(publishing),
    drop: () => server.closeAllConnections(),
    close: async () => {
      clearInterval(publishing);
      await hub.close({ withinMs: 0 });
      server.close();
      server.closeAllConnections();
    },
  };
}
