// A server in a process of its own: opens its log, listens, and shuts all of it down in the order in which
// nobody notices.

import type { Server } from "node:http";
import { createMetrics, type Metrics } from "../operations/metrics.js";
import type { OperatorEndpoints } from "../operations/operator-endpoints.js";
import type { OperatorLog } from "../operations/operator-log.js";
import { assembleServer, type ServerBase, type ServerParts } from "./assemble-server.js";
import type { ServerConfig } from "./config/server-settings.js";
import { closeServer, createBoundedServer, listen } from "./http-server.js";
import { openLog } from "./open-log.js";
import { readCertificate } from "./secure-server.js";

/** A server that runs. */
export interface RunningServer {
  /** Resolves when all readers are gone and everything is closed. */
  shutDown(): Promise<void>;
  /** Reads the certificate again; see `AssembledServer`. */
  readonly renewCertificate?: (() => void) | undefined;
  /** Rejects where it cannot go on by itself; never resolves. Left out where that does not happen. */
  readonly failed?: Promise<never> | undefined;
}

/**
 * Starts a server.
 *
 * @throws UsageError where it cannot listen
 * @throws StreamError where settings contradict each other, or the log cannot be opened
 */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { config, lines } = parts;
  const certificate = readCertificate(config);
  const metrics = createMetrics({ processMetrics: config.processMetrics });
  const log = await openLog(config, logListeners(lines, metrics));
  try {
    return await serveFrom(parts, { log, metrics, certificate });
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Who is told what happens in a log. */
export function logListeners(lines: OperatorLog, metrics: Metrics): Parameters<typeof openLog>[1] {
  return {
    onError: lines.onError,
    onLost: (error, lost) => {
      metrics.onLost(error, lost);
      lines.onLost(error, lost);
    },
  };
}

async function serveFrom(parts: ServerParts, base: ServerBase): Promise<RunningServer> {
  const { config, lines } = parts;
  const { logger } = lines;
  const { server, endpoints, renewCertificate, drain, close } = assembleServer(parts, base);
  let closeAdmin: (() => Promise<void>) | undefined;
  try {
    const scheme = base.certificate === undefined ? "http" : "https";
    const url = await listen(server, config, scheme);
    logger.info({ event: "listening", url }, `serving ${url}`);
    closeAdmin = await listenForOperators(config, lines, endpoints);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    renewCertificate,
    shutDown: async () => {
      const { notReadyMs, drainMs } = config;
      logger.info({ event: "stopping", notReadyMs, drainMs }, "shutting down");
      await drain();
      await Promise.all([close(), closeAdmin?.()]);
      await base.log.close();
      logger.info({ event: "stopped" }, "shut down");
    },
  };
}

/** Operators' connections are few, and theirs alone. */
const ADMIN_CONNECTIONS = 100;

/**
 * Listens on the operators' port, where there is one, and says so.
 *
 * @returns how to end that; `undefined` where they have none
 * @throws UsageError where it cannot listen
 */
export async function listenForOperators(
  { adminHost: host, adminPort: port }: ServerConfig,
  { logger }: OperatorLog,
  endpoints: OperatorEndpoints,
): Promise<(() => Promise<void>) | undefined> {
  if (port === undefined) return undefined;
  const admin = createAdminServer(endpoints);
  const url = await listen(admin, { host, port });
  logger.info({ event: "admin-listening", url }, `operators ask ${url}`);
  return () => closeServer(admin);
}

function createAdminServer(endpoints: OperatorEndpoints): Server {
  return createBoundedServer(ADMIN_CONNECTIONS, (request, response) => {
    if (endpoints(request, response)) return;
    response.writeHead(404, { "content-type": "text/plain" });
    response.end("There are /healthz, /readyz and /metrics.\n");
  });
}
