// Puts a hub together with its log, its watch and its operator endpoints, and shuts all of it down in
// the order in which nobody notices.

import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { createHub } from "../hub/hub.js";
import type { EventLog } from "../log/event-log.js";
import { createHealth } from "../operations/health.js";
import { createMetrics } from "../operations/metrics.js";
import { createOperatorEndpoints } from "../operations/operator-endpoints.js";
import type { OperatorLog } from "../operations/operator-log.js";
import { buildHubOptions } from "./build-hub-options.js";
import type { ServeConfig } from "./config/serve-settings.js";
import { closeServer, createBoundedServer, listen } from "./http-server.js";
import { openLog } from "./open-log.js";

/** A hub that serves. */
export interface RunningServer {
  /** Resolves when all readers are gone and everything is closed. */
  shutDown(): Promise<void>;
}

/**
 * Starts a hub.
 *
 * @throws UsageError where it cannot listen
 * @throws StreamError where settings contradict each other, or the log cannot be opened
 */
export async function startServer(config: ServeConfig, lines: OperatorLog): Promise<RunningServer> {
  const log = await openLog(config, lines.onError);
  try {
    return await serveLog(config, lines, log);
  } catch (error) {
    await log.close();
    throw error;
  }
}

async function serveLog(
  config: ServeConfig,
  lines: OperatorLog,
  log: EventLog,
): Promise<RunningServer> {
  const { logger, onError } = lines;
  const metrics = createMetrics({ processMetrics: config.processMetrics });
  const hub = createHub(
    buildHubOptions(config, {
      log,
      onError,
      observer: (notice) => {
        metrics.observer(notice);
        lines.observer(notice);
      },
    }),
  );
  const health = createHealth({
    log,
    hub,
    canaryIntervalMs: config.canaryIntervalMs,
    canaryDeadlineMs: config.canaryDeadlineMs,
    observer: (notice) => {
      metrics.healthObserver(notice);
      lines.healthObserver(notice);
    },
    onError: (error) => onError(error, { operation: "observe" }),
  });
  metrics.watch({ hub, health });

  const { adminPort, adminHost, metricsToken, maxConnections } = config;
  const hasAdmin = adminPort !== undefined;
  const endpoints = createOperatorEndpoints({
    health,
    metrics,
    openTo: hasAdmin ? "anybody" : "loopback",
    metricsToken,
  });
  const main = createBoundedServer(maxConnections, (request, response) => {
    if (hasAdmin || !endpoints(request, response)) hub.handleNode(request, response);
  });
  const servers = [main];
  try {
    const url = await listen(main, config);
    logger.info({ event: "listening", url }, `serving ${url}`);
    if (hasAdmin) {
      const admin = createAdminServer(endpoints);
      servers.push(admin);
      const adminUrl = await listen(admin, { host: adminHost, port: adminPort });
      logger.info({ event: "admin-listening", url: adminUrl }, `operators ask ${adminUrl}`);
    }
  } catch (error) {
    health.stop();
    await Promise.all(servers.map((server) => closeServer(server)));
    throw error;
  }
  return {
    shutDown: async () => {
      const { notReadyMs, drainMs } = config;
      logger.info({ event: "stopping", notReadyMs, drainMs }, "shutting down");
      health.startDraining();
      await delay(notReadyMs);
      await hub.close({ withinMs: drainMs });
      health.stop();
      await Promise.all(servers.map((server) => closeServer(server)));
      await log.close();
      logger.info({ event: "stopped" }, "shut down");
    },
  };
}

/** Operators' connections are few, and theirs alone. */
const ADMIN_CONNECTIONS = 100;

function createAdminServer(endpoints: ReturnType<typeof createOperatorEndpoints>): Server {
  return createBoundedServer(ADMIN_CONNECTIONS, (request, response) => {
    if (endpoints(request, response)) return;
    response.writeHead(404, { "content-type": "text/plain" });
    response.end("There are /healthz, /readyz and /metrics.\n");
  });
}
