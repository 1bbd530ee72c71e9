// An issuer's set of keys, on a port of its own.

import { createServer } from "node:http";
import type { JWK } from "jose";
import { listen, stopServer } from "../hub/running-hub.js";

export interface KeyServer {
  readonly url: string;
  /** How often it was asked. */
  fetches: number;
  keys: readonly JWK[];
  /** What it answers with; 200 unless it is broken. */
  status: number;
  stop(): Promise<void>;
}

export async function startKeyServer(keys: readonly JWK[]): Promise<KeyServer> {
  const server = createServer((_request, response) => {
    keyServer.fetches += 1;
    response.writeHead(keyServer.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: keyServer.keys }));
  });
  const port = await listen(server);
  const keyServer: KeyServer = {
    url: `http://127.0.0.1:${port}/keys`,
    fetches: 0,
    keys,
    status: 200,
    stop: () => stopServer(server),
  };
  return keyServer;
}
