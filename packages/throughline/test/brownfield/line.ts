// The way between a client and the application, with the gateway in it or without, and with a place where
// it can be broken.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryLog } from "@throughline/server";
import { createGateway, PRESETS } from "@throughline/server/gateway";
import { createFaultProxy, type FaultProxy, type RequestSeen } from "@throughline/testkit";
import type { ContractServer } from "./server/contract-server.js";
import type { OpenStage, Stage } from "./stage.js";

/** A stage whose clients reach the application over a line. */
export interface LineStage extends Stage {
  readonly hasGateway: boolean;
  /** Between the clients and whatever they speak to. */
  readonly line: FaultProxy;
  /** The clients' own requests for streams, whoever answered them, oldest first. */
  lineRequests(): readonly RequestSeen[];
}

/** Sets up such a stage. */
export type OpenLineStage = (setup: Parameters<OpenStage>[0]) => Promise<LineStage>;

/** What stands between clients and an application. */
export interface Line {
  readonly proxy: FaultProxy;
  /** What clients ask. */
  readonly origin: string;
  requests(): readonly RequestSeen[];
  close(): Promise<void>;
}

/** Lays a line to the application; the gateway stands at its end where it is wanted. */
export async function layLine(application: ContractServer, hasGateway: boolean): Promise<Line> {
  const gateway = hasGateway ? await startGateway(application) : undefined;
  const port = Number(new URL(gateway?.origin ?? application.origin).port);
  // The sessions of the application are for `localhost`.
  const proxy = await createFaultProxy({
    upstream: { host: "localhost", port },
    host: "localhost",
  });
  return {
    proxy,
    origin: proxy.url,
    requests: () =>
      proxy.statistics.requestHeads.filter(
        ({ method, target }) => method === "GET" && /\/(feed|stream)(\?|$)/.test(target),
      ),
    close: async () => {
      await proxy.close();
      await gateway?.close();
    },
  };
}

async function startGateway({ origin, settings }: ContractServer) {
  const log = createMemoryLog();
  const isFirst = settings.generation === "first";
  const gateway = createGateway({
    ...PRESETS[isFirst ? "strategist-first-generation" : "strategist-enhanced"],
    upstream: origin,
    log,
    // Scenarios break the application on purpose.
    onError: () => {},
  });
  const server = createServer(gateway.handleNode);
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await gateway.close({ withinMs: 0 });
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await log.close();
    },
  };
}
