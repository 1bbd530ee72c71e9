// Puts what serves readers, a hub or a gateway, together with its watch and its operator endpoints. Who
// listens, and who ends it, is up to those who ask for it: a process of its own, or a worker.

import type { IncomingMessage } from "node:http";
import type { Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { CloseOptions, Hub, NodeRequest, NodeResponse } from "../hub/index.js";
import type { EventLog } from "../log/event-log.js";
import { createHealth, type Health } from "../operations/health.js";
import type { Metrics, WatchedSources } from "../operations/metrics.js";
import {
  createOperatorEndpoints,
  type OperatorEndpoints,
} from "../operations/operator-endpoints.js";
import type { OperatorLog } from "../operations/operator-log.js";
import type { HubParts } from "./build-hub-options.js";
import type { ServerConfig } from "./config/server-settings.js";
import { UsageError } from "./config/usage-error.js";
import { closeServer, createBoundedServer } from "./http-server.js";
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

/** What a server is made of. */
export interface ServerParts {
  readonly config: ServerConfig;
  readonly lines: OperatorLog;
  /** Makes the service from the log and those who watch. */
  readonly build: (parts: HubParts) => Service;
}

/** What a server stands on. */
export interface ServerBase {
  readonly log: EventLog;
  readonly metrics: Metrics;
  /** What `/metrics` shows. Default: `metrics`. */
  readonly shown?: Pick<Metrics, "text" | "contentType"> | undefined;
  readonly certificate: Certificate | undefined;
}

/** A server that could serve, and does not listen yet. */
export interface AssembledServer {
  readonly server: NetServer;
  readonly service: Service;
  readonly health: Health;
  /** What operators ask, for a port of their own where there is one. */
  readonly endpoints: OperatorEndpoints;
  /**
   * Reads the certificate again, and says in a line what came of it: what cannot be used is left, and
   * the one before stays. Not there without TLS.
   */
  readonly renewCertificate?: (() => void) | undefined;
  /** Says that it is not ready, waits until everybody knows, and then lets all readers go. */
  drain(): Promise<void>;
  /** Ends the watch, and the server with whatever is still open. */
  close(): Promise<void>;
}

/**
 * Assembles one.
 *
 * @throws StreamError, UsageError where the service cannot be made of its settings
 */
export function assembleServer(
  { config, lines, build }: ServerParts,
  { log, metrics, shown = metrics, certificate }: ServerBase,
): AssembledServer {
  const { onError } = lines;
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

  const { adminPort, metricsToken, maxConnections } = config;
  const hasAdmin = adminPort !== undefined;
  const endpoints = createOperatorEndpoints({
    health,
    metrics: shown,
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
  const { server, setCertificate } = main;
  return {
    server,
    service,
    health,
    endpoints,
    renewCertificate: setCertificate && (() => renewCertificate(config, lines, setCertificate)),
    drain: async () => {
      health.startDraining();
      await delay(config.notReadyMs);
      main.retire();
      await service.close({ withinMs: config.drainMs });
    },
    close: async () => {
      health.stop();
      await main.close();
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
