// A hub that is reached in one of the two ways there are: over a socket, or by a function call.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createHub, type Hub, type HubOptions } from "@throughline/server";
import { createMemoryLog, type EventLog } from "@throughline/server/log";
import { epochs } from "./stage.js";

export interface RunningHub {
  readonly hub: Hub;
  readonly log: EventLog;
  readonly errors: unknown[];
  /** 0 where there is no socket. */
  readonly port: number;
  request(target: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

/** A hub behind node:http, on a port of its own. */
export async function startNodeHub(options: Partial<HubOptions> = {}): Promise<RunningHub> {
  const parts = createParts(options);
  const server = createServer(parts.hub.handleNode);
  const port = await listen(server);
  return {
    ...parts,
    port,
    request: (target, init) => fetch(`http://127.0.0.1:${port}${target}`, init),
    stop: async () => {
      await stopServer(server);
      await parts.hub.close({ withinMs: 0 });
    },
  };
}

/** A hub that is called with web-standard requests. */
export async function startWebHub(options: Partial<HubOptions> = {}): Promise<RunningHub> {
  const parts = createParts(options);
  return {
    ...parts,
    port: 0,
    request: (target, init) => parts.hub.fetch(new Request(`http://hub${target}`, init)),
    stop: () => parts.hub.close({ withinMs: 0 }),
  };
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

export async function stopServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

function createParts(options: Partial<HubOptions>) {
  const errors: unknown[] = [];
  const log = options.log ?? createMemoryLog({ ...ROOMY, createEpoch: epochs() });
  const hub = createHub({ onError: (error) => errors.push(error), ...options, log });
  return { hub, log, errors };
}

/** Room for everything that a test publishes, so that nothing is trimmed unless a test trims it. */
const ROOMY = { maxEvents: 50_000, maxBytes: 256 * 1024 * 1024, maxTotalBytes: 512 * 1024 * 1024 };
