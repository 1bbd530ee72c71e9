// The path that a trial runs on: a hub, a fault proxy before it, and a client whose requests are
// watched from outside.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createHub, createMemoryLog, type Hub } from "@throughline/server";
import { EventSource, type FetchLike } from "throughline";
import { createFaultProxy, type FaultProxy } from "../fault-proxy/index.js";
import type { Detour } from "./trial.js";

/** A hub that listens. */
export interface TrialHub {
  readonly hub: Hub;
  readonly port: number;
  close(): Promise<void>;
}

/** A client behind a fault proxy of its own. */
export interface TrialPath {
  readonly proxy: FaultProxy;
  readonly source: EventSource;
  /** When each request left, on the clock of `performance.now()`. */
  readonly requestsMs: readonly number[];
  /** Sends requests astray, or no longer. */
  divert(detour: Detour | undefined): void;
  close(): Promise<void>;
}

/** Starts a hub over a memory log on loopback. */
export async function startHub(): Promise<TrialHub> {
  const hub = createHub({ log: createMemoryLog() });
  const server = createServer(hub.handleNode);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    hub,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await hub.close({ withinMs: 0 });
      await closed(server);
    },
  };
}

/** Connects a client to a stream through a new fault proxy, and resolves when it is open. */
export async function openPath(port: number, stream: string): Promise<TrialPath> {
  const proxy = await createFaultProxy({ upstream: { host: "127.0.0.1", port } });
  const requestsMs: number[] = [];
  let detour: Detour | undefined;
  const watchedFetch: FetchLike = (url, init) => {
    if (init.method === "GET") requestsMs.push(performance.now());
    return fetch(astray(url, detour), init);
  };
  const source = new EventSource(`${proxy.url}/streams/${stream}`, {
    fetch: watchedFetch,
    lastEventId: "earliest",
  });
  await new Promise<void>((resolve) =>
    source.addEventListener("open", () => resolve(), { once: true }),
  );
  return {
    proxy,
    source,
    requestsMs,
    divert: (way) => {
      detour = way;
    },
    close: async () => {
      source.close();
      await proxy.close();
    },
  };
}

/** Real failures, not pretended ones: the resolver and the handshake are those of the platform. */
function astray(url: string, detour: Detour | undefined): string {
  if (detour === undefined) return url;
  const target = new URL(url);
  if (detour === "unknown-name") target.hostname = "no-such-host.invalid";
  else target.protocol = "https:";
  return target.href;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
