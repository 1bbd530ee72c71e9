// The four ways from the back end to a page: as today, with the drop-in, over the gateway, and with both.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryLog } from "@throughline/server";
import { createGateway, PRESETS } from "@throughline/server/gateway";
import { createFaultProxy, type FaultProxy } from "@throughline/testkit";

/** What is changed of the application as it is today. */
export interface WayKind {
  readonly name: string;
  readonly hasDropIn: boolean;
  readonly hasGateway: boolean;
  /** The drop-in with `installContinuingEventSource`. */
  readonly isContinuing: boolean;
  /** How many of the newest rows the gateway shows to whoever has no cursor. Default: as the preset. */
  readonly newest?: number | undefined;
}

/** The four, in the order of the table. */
export const WAYS: readonly WayKind[] = [
  { name: "as today", hasDropIn: false, hasGateway: false, isContinuing: false },
  { name: "gateway only", hasDropIn: false, hasGateway: true, isContinuing: false },
  { name: "drop-in only", hasDropIn: true, hasGateway: false, isContinuing: false },
  { name: "both", hasDropIn: true, hasGateway: true, isContinuing: false },
];

/** What helps classes that replace their sources. */
export const VARIANTS: readonly WayKind[] = [
  {
    name: "gateway only, `newest: 10`",
    hasDropIn: false,
    hasGateway: true,
    isContinuing: false,
    newest: 10,
  },
  { name: "both, continuing", hasDropIn: true, hasGateway: true, isContinuing: true },
];

/** Which generation of the feed the back end serves. */
export type Generation = "first" | "enhanced";

/** A way that is open. */
export interface Way {
  readonly kind: WayKind;
  /** What stands before the browser: the line to whatever it speaks to. */
  readonly line: FaultProxy;
  /** What stands before the back end. Without a gateway it is the same as the line. */
  readonly backendLine: FaultProxy;
  close(): Promise<void>;
}

/** Opens a way to a back end. */
export async function openWay(
  kind: WayKind,
  generation: Generation,
  backendUrl: string,
): Promise<Way> {
  const backend = { host: "127.0.0.1", port: Number(new URL(backendUrl).port) };
  const backendLine = await createFaultProxy({ upstream: backend });
  if (!kind.hasGateway) {
    return { kind, line: backendLine, backendLine, close: () => backendLine.close() };
  }
  const log = createMemoryLog();
  const preset = generation === "first" ? "strategist-first-generation" : "strategist-enhanced";
  const { newest } = kind;
  const routes = PRESETS[preset].routes.map((route) =>
    route.name === "feed" && newest !== undefined ? { ...route, fresh: { newest } } : route,
  );
  const gateway = createGateway({
    ...PRESETS[preset],
    routes,
    upstream: backendLine.url,
    log,
    // The back end is taken away on purpose.
    onError: () => {},
  });
  const server = createServer(gateway.handleNode);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const line = await createFaultProxy({ upstream: { host: "127.0.0.1", port } });
  return {
    kind,
    line,
    backendLine,
    close: async () => {
      await gateway.close({ withinMs: 0 });
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await log.close();
      await line.close();
      await backendLine.close();
    },
  };
}
