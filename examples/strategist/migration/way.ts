// The ways from the back end to a page: as today, with the drop-in, over the gateway, with both; and what
// can be set on them.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryLog, type EventLog } from "@throughline/server";
import { createGateway, type Gateway, PRESETS } from "@throughline/server/gateway";
import { createFaultProxy, type FaultProxy } from "@throughline/testkit";
import { rowsOf } from "./rows.js";

/** What is changed of the application as it is today. */
export interface WayKind {
  readonly name: string;
  readonly hasDropIn: boolean;
  readonly hasGateway: boolean;
  /** The drop-in is installed by `installContinuingEventSource`. Default: by `installEventSource`. */
  readonly isContinuing?: boolean | undefined;
  /** An option of the drop-in. */
  readonly provenAfterMs?: number | undefined;
  /** How many of the newest rows the gateway shows to whoever has no cursor. Default: as the preset. */
  readonly newest?: number | undefined;
  /** The gateway's feed is one for all who may read it. Default: everybody has their own. */
  readonly isShared?: boolean | undefined;
}

/** Which generation of the feed the back end serves. */
export type Generation = "first" | "enhanced";

/** A way that is open. */
export interface Way {
  readonly kind: WayKind;
  /** What stands before the browser: the line to whatever it speaks to. */
  readonly line: FaultProxy;
  /** What stands before the back end. Without a gateway it is the same as the line. */
  readonly backendLine: FaultProxy;
  /** The rows that came as far as the gateway; `undefined` where there is none. */
  readonly stored: ReadonlySet<string> | undefined;
  /** Ends the gateway without a farewell and starts it again on the same port and log. */
  restartGateway(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a way to a back end. */
export async function openWay(
  kind: WayKind,
  generation: Generation,
  backendUrl: string,
): Promise<Way> {
  const backendLine = await createFaultProxy({ upstream: addressOf(backendUrl) });
  if (!kind.hasGateway) {
    return {
      kind,
      line: backendLine,
      backendLine,
      stored: undefined,
      restartGateway: async () => {},
      close: () => backendLine.close(),
    };
  }
  const log = createMemoryLog();
  const stored = new Set<string>();
  const start = (port: number) =>
    startGateway(kind, {
      generation,
      upstream: backendLine.url,
      log: notingRows(log, stored),
      port,
    });
  let running = await start(0);
  const line = await createFaultProxy({
    upstream: { host: "127.0.0.1", port: portOf(running.server) },
  });
  return {
    kind,
    line,
    backendLine,
    stored,
    restartGateway: async () => {
      const port = portOf(running.server);
      await stopGateway(running);
      running = await start(port);
    },
    close: async () => {
      await stopGateway(running);
      await log.close();
      await line.close();
      await backendLine.close();
    },
  };
}

interface RunningGateway {
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
  return { gateway, server };
}

/** As a process ends that is killed: connections first. */
async function stopGateway({ gateway, server }: RunningGateway): Promise<void> {
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

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function addressOf(url: string) {
  return { host: "127.0.0.1", port: Number(new URL(url).port) };
}
