// Puts what serves readers, a hub or a gateway, together with its log, its watch and its operator
// endpoints, and shuts all of it down in the order in which nobody notices.

import type { IncomingMessage, Server } from "node:http";
import type { Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { CloseOptions, Hub, NodeRequest, NodeResponse } from "../hub/index.js";
import type { EventLog } from "../log/event-log.js";
import { createHealth } from "../operations/health.js";
import { createMetrics, type Metrics, type WatchedSources } from "../operations/metrics.js";
import { createOperatorEndpoints } from "../operations/operator-endpoints.js";
import type { OperatorLog } from "../operations/operator-log.js";
import type { HubParts } from "./build-hub-options.js";
import type { ServerConfig } from "./config/server-settings.js";
import { UsageError } from "./config/usage-error.js";
import { closeServer, createBoundedServer, listen } from "./http-server.js";
import { openLog } from "./open-log.js";
import {
  type Certificate,
  createBoundedSecureServer,
  readCertificate,
  type SecureServer,
} from "./secure-server.js";

/** What answers requests on the main port. */
export interface Service {
  readonly handleNode: (request: NodeRequest, response: NodeResponse) => void;
  readonly handleUpgrade?: UpgradeListener | undefined;
  /** What is watched and measured. */
  readonly hub: Hub;
  /** What fills its streams from elsewhere. */
  readonly sources?: WatchedSources | undefined;
  /** The path before the operator endpoints on the main port, where others may have their names. */
  readonly operatorPrefix?: string | undefined;
  /** Whether it limits itself how long requests may take to come, as uploads do. */
  readonly limitsRequests?: boolean | undefined;
  close(options: CloseOptions): Promise<void>;
}

/** Takes over a connection that asked for another protocol. */
type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A server that runs. */
export interface RunningServer {
  /** Resolves when all readers are gone and everything is closed. */
  shutDown(): Promise<void>;
  /**
   * Reads the certificate again, and says in a line what came of it: what cannot be used is left, and
   * the one before stays. Not there without TLS.
   */
  readonly renewCertificate?: (() => void) | undefined;
}

/** What a server is made of. */
export interface ServerParts {
  readonly config: ServerConfig;
  readonly lines: OperatorLog;
  /** Makes the service from the log and those who watch. */
  readonly build: (parts: HubParts) => Service;
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
  const log = await openLog(config, {
    onError: lines.onError,
    onLost: (error, lost) => {
      metrics.onLost(error, lost);
      lines.onLost(error, lost);
    },
  });
  try {
    return await serveLog(parts, { log, metrics, certificate });
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** What a server stands on. */
interface Base {
  readonly log: EventLog;
  readonly metrics: Metrics;
  readonly certificate: Certificate | undefined;
}

async function serveLog(
  { config, lines, build }: ServerParts,
  { log, metrics, certificate }: Base,
): Promise<RunningServer> {
  const { logger, onError } = lines;
  const service = build({
    log,
    onError,
    observer: (notice) => {
      metrics.observer(notice);
      lines.observer(notice);
    },
  });
  const { hub } = service;
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
  metrics.watch({ hub, health, sources: service.sources });

  const { adminPort, adminHost, metricsToken, maxConnections } = config;
  const hasAdmin = adminPort !== undefined;
  const endpoints = createOperatorEndpoints({
    health,
    metrics,
    openTo: hasAdmin ? "anybody" : "loopback",
    prefix: hasAdmin ? "" : service.operatorPrefix,
    metricsToken,
  });
  const main = createMainServer(certificate, maxConnections, (request, response) => {
    if (hasAdmin || !endpoints(request, response)) service.handleNode(request, response);
  });
  // Whoever limits requests by what comes of them must not have a long one cut off for its length.
  if (service.limitsRequests === true) main.server.requestTimeout = 0;
  // Without a listener node:http answers such requests as if they had not asked.
  if (service.handleUpgrade !== undefined) main.server.on("upgrade", service.handleUpgrade);
  const closing = [main.close];
  try {
    const url = await listen(main.server, config, certificate === undefined ? "http" : "https");
    logger.info({ event: "listening", url }, `serving ${url}`);
    if (hasAdmin) {
      const admin = createAdminServer(endpoints);
      closing.push(() => closeServer(admin));
      const adminUrl = await listen(admin, { host: adminHost, port: adminPort });
      logger.info({ event: "admin-listening", url: adminUrl }, `operators ask ${adminUrl}`);
    }
  } catch (error) {
    health.stop();
    await Promise.all(closing.map((close) => close()));
    throw error;
  }
  const { setCertificate } = main;
  return {
    renewCertificate: setCertificate && (() => renewCertificate(config, lines, setCertificate)),
    shutDown: async () => {
      const { notReadyMs, drainMs } = config;
      logger.info({ event: "stopping", notReadyMs, drainMs }, "shutting down");
      health.startDraining();
      await delay(notReadyMs);
      main.retire();
      await service.close({ withinMs: drainMs });
      health.stop();
      await Promise.all(closing.map((close) => close()));
      await log.close();
      logger.info({ event: "stopped" }, "shut down");
    },
  };
}

function createMainServer(
  certificate: Certificate | undefined,
  connections: number,
  listener: (request: NodeRequest, response: NodeResponse) => void,
): Pick<SecureServer, "retire" | "close"> &
  Partial<Pick<SecureServer, "setCertificate">> & {
    readonly server: NetServer & { requestTimeout?: number };
  } {
  if (certificate !== undefined)
    return createBoundedSecureServer(certificate, connections, listener);
  const server = createBoundedServer(connections, listener);
  return { server, retire: () => {}, close: () => closeServer(server) };
}

function renewCertificate(
  config: ServerConfig,
  { logger }: OperatorLog,
  setCertificate: SecureServer["setCertificate"],
): void {
  try {
    const renewed = readCertificate(config);
    if (renewed !== undefined) setCertificate(renewed);
    logger.info({ event: "certificate-read" }, "new connections get the certificate as it is now");
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // Its sentence names settings and files, and quotes nothing of them.
    const reason = error.message;
    logger.error({ event: "certificate-refused", reason }, "the certificate before stays in use");
  }
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
