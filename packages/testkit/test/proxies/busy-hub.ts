// What a proxy sees of a hub whose event loop is held up: its connections are taken by the kernel, and its
// answers come late.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** A server that answers 200 to everything, and late to the question whether it is ready. */
export interface BusyHub {
  readonly port: number;
  /** Questions whether it is ready that were asked so far. */
  checks(): number;
  close(): Promise<void>;
}

/** Starts one on loopback. */
export async function startBusyHub(options: { readonly lateMs: number }): Promise<BusyHub> {
  let checks = 0;
  const server = createServer(async (request, response) => {
    if (request.url === "/readyz") {
      checks += 1;
      await wait(options.lateMs);
    }
    response.end("served\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    checks: () => checks,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
