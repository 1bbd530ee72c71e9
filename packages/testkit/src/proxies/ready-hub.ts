// A hub as it stands behind a proxy: with an address at which it says whether it wants new streams.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createHub, type EventLog, type Hub } from "@throughline/server";

/** A hub that listens and says whether it is ready. */
export interface ReadyHub {
  readonly hub: Hub;
  readonly port: number;
  /** Says "not ready" from now on; everything else goes on. */
  retire(): void;
  /** Drains, closes the hub and its port. Resolves when all readers are gone. */
  close(withinMs: number): Promise<void>;
}

/** Where a hub listens, and what it asks of its readers. */
export interface ReadyHubOptions {
  readonly log: EventLog;
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
  /** As in `HubOptions`. */
  readonly leaseMs?: number | undefined;
}

/** Starts a hub on loopback. `GET /readyz` answers 200, and 503 once it is retired. */
export async function startReadyHub({
  log,
  port = 0,
  leaseMs,
}: ReadyHubOptions): Promise<ReadyHub> {
  const hub = createHub({ log, leaseMs });
  let isReady = true;
  const server = createServer({ keepAliveTimeout: 1000 }, (request, response) => {
    if (request.url === "/readyz") response.writeHead(isReady ? 200 : 503).end();
    else hub.handleNode(request, response);
  });
  server.listen({ port, host: "127.0.0.1", backlog: BACKLOG });
  await once(server, "listening");
  return {
    hub,
    port: (server.address() as AddressInfo).port,
    retire: () => {
      isReady = false;
    },
    close: async (withinMs) => {
      isReady = false;
      await hub.close({ withinMs });
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Connections that may wait to be accepted: a crowd comes at once. */
const BACKLOG = 4096;
