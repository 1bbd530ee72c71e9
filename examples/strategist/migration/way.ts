// The ways from the back end to a page: as today, with the drop-in, over the gateway, with both; and what
// can be set on them.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { createMemoryLog, type EventLog } from "@throughline/server";
import { createGateway, type Gateway, PRESETS } from "@throughline/server/gateway";
import { createFaultProxy, type FaultProxy } from "@throughline/testkit";
import { startFrontProxy } from "./front-proxy.js";
import { rowsOf } from "./rows.js";

/** What is changed of the application as it is today. */
export interface WayKind {
  readonly name: string;
  readonly hasDropIn: boolean;
  readonly hasGateway: boolean;
  /** The drop-in has the option `continuity`. Default: it has not. */
  readonly isContinuing?: boolean | undefined;
  /** The drop-in tells only what does not heal by itself. Default: all. */
  readonly isQuiet?: boolean | undefined;
  /** An option of the drop-in. */
  readonly provenAfterMs?: number | undefined;
  /** How many of the newest rows the gateway shows to whoever has no cursor. Default: as the preset. */
  readonly newest?: number | undefined;
  /** The gateway's feed is one for all who may read it. Default: everybody has their own. */
  readonly isShared?: boolean | undefined;
}

/** Which generation of the feed the back end serves. */
export type Generation = "first" | "enhanced";

/** What readers get to leave within. */
const DRAIN_MS = 1000;

/** A way that is open: browser, line, Vite's proxy, perhaps the gateway, another line, back end. */
export interface Way {
  readonly kind: WayKind;
  /** Between the browser and Vite's proxy. */
  readonly line: FaultProxy;
  /** Before the back end. */
  readonly backendLine: FaultProxy;
  /** The rows that came as far as the gateway; `undefined` where there is none. */
  readonly stored: ReadonlySet<string> | undefined;
  /** Ends the gateway and starts it again after so long, on the same port and log. */
  restartGateway(by: "kill" | "stop", afterMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a way to a back end. */
export async function openWay(
  kind: WayKind,
  generation: Generation,
  backendUrl: string,
): Promise<Way> {
  const backendLine = await createFaultProxy({ upstream: addressOf(backendUrl) });
  const log = createMemoryLog();
  const stored = new Set<string>();
  const start = (port: number) =>
    startGateway(kind, {
      generation,
      upstream: backendLine.url,
      log: notingRows(log, stored),
      port,
    });
  let running = kind.hasGateway ? await start(0) : undefined;
  const target = running === undefined ? backendLine.url : running.url;
  const front = await startFrontProxy(target);
  const line = await createFaultProxy({ upstream: addressOf(front.url) });
  return {
    kind,
    line,
    backendLine,
    stored: kind.hasGateway ? stored : undefined,
    restartGateway: async (by, afterMs) => {
      if (running === undefined) return;
      await (by === "kill" ? killGateway(running) : stopGateway(running));
      await wait(afterMs);
      running = await start(Number(new URL(target).port));
    },
    close: async () => {
      await line.close();
      await front.close();
      if (running !== undefined) await killGateway(running);
      await log.close();
      await backendLine.close();
    },
  };
}

interface RunningGateway {
  readonly url: string;
  readonly gateway: Gateway;
  readonly server: Server;
}

interface GatewayParts {
  readonly generation: Generation;
  readonly upstream: string;
  readonly log: EventLog;
  readonly port: number;
}

async function startGateway(
  { newest, isShared = false }: WayKind,
  { generation, upstream, log, port }: GatewayParts,
): Promise<RunningGateway> {
  const preset =
    PRESETS[generation === "first" ? "strategist-first-generation" : "strategist-enhanced"];
  const gateway = createGateway({
    ...preset,
    routes: preset.routes.map((route) =>
      route.name !== "feed"
        ? route
        : {
            ...route,
            fresh: newest === undefined ? route.fresh : { newest },
            identity: isShared ? "shared" : route.identity,
          },
    ),
    upstream,
    log,
    // The back end is taken away on purpose.
    onError: () => {},
  });
  const server = createServer(gateway.handleNode);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${bound}`, gateway, server };
}

/** As a process ends that is told to: readers are taken leave of. */
async function stopGateway({ gateway, server }: RunningGateway): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await gateway.close({ withinMs: DRAIN_MS });
  server.closeAllConnections();
  await closed;
}

/** As a process ends that is killed: connections first. */
async function killGateway({ gateway, server }: RunningGateway): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await gateway.close({ withinMs: 0 });
  server.closeAllConnections();
  await closed;
}

/** The log, with a note of the rows that are written to it. */
function notingRows(log: EventLog, stored: Set<string>): EventLog {
  return new Proxy(log, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]) => {
        const [, events] = args;
        if (name === "append" && Array.isArray(events)) {
          for (const { data } of events) for (const key of rowsOf(data)) stored.add(key);
        }
        return Reflect.apply(value, target, args);
      };
    },
  });
}

function addressOf(url: string) {
  return { host: "127.0.0.1", port: Number(new URL(url).port) };
}
