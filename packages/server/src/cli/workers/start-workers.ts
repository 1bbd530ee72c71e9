// A server of several processes: the primary has the log, the port and the operators' port; workers serve.

import { availableParallelism } from "node:os";
import { nodeEnvironment } from "../../hub/environment.js";
import type { EventLog } from "../../log/index.js";
import { LOOP_ALIVE_MS, LoopProbe } from "../../operations/loop-probe.js";
import { createMergedMetrics, type MergedMetrics } from "../../operations/merged-metrics.js";
import { createMetrics } from "../../operations/metrics.js";
import { createOperatorEndpoints } from "../../operations/operator-endpoints.js";
import type { OperatorLog } from "../../operations/operator-log.js";
import type { ServeConfig } from "../config/serve-settings.js";
import { listen, socketsFor } from "../http-server.js";
import { openLog } from "../open-log.js";
import { readCertificate } from "../secure-server.js";
import { listenForOperators, logListeners, type RunningServer } from "../start-server.js";
import { Crew } from "./crew.js";
import { crewLiveness, crewReadiness } from "./crew-health.js";
import { Door } from "./door.js";
import { WorkerProcess } from "./worker-process.js";

/** What such a server is made of. */
export interface WorkersParts {
  readonly config: ServeConfig;
  readonly lines: OperatorLog;
}

/**
 * Starts one, as `startServer` does with a single process.
 *
 * @throws UsageError where it cannot listen, or a worker cannot serve because of the settings
 * @throws StreamError where settings contradict each other, or the log cannot be opened
 */
export async function startWorkers(parts: WorkersParts): Promise<RunningServer> {
  const { config, lines } = parts;
  // Workers read it themselves; here it is found out at once whether they can.
  const scheme = readCertificate(config) === undefined ? "http" : "https";
  const metrics = createMetrics({ processMetrics: config.processMetrics });
  const log = await openLog(config, logListeners(lines, metrics));
  const merged: MergedMetrics = createMergedMetrics({
    own: metrics,
    gather: () => crew.snapshots(),
    workers: () => {
      const ready = crew.workers.filter(({ isReady }) => isReady).length;
      return { ready, notReady: crew.size - ready };
    },
  });
  const crew = new Crew({
    config,
    log,
    lines,
    begin: (setup) => new WorkerProcess(setup),
    metrics: () => merged.text(),
    onChanged: () => door.handOut(),
    onEnded: (last) => merged.onWorkerEnded(last),
  });
  const door = new Door(() => crew.workers, socketsFor(config.maxConnections));
  try {
    return await serveWith(parts, { log, crew, door, merged, scheme });
  } catch (error) {
    door.close();
    await crew.end();
    await log.close();
    throw error;
  }
}

interface Base {
  readonly log: EventLog;
  readonly crew: Crew;
  readonly door: Door;
  readonly merged: MergedMetrics;
  readonly scheme: "http" | "https";
}

async function serveWith(
  { config, lines }: WorkersParts,
  { log, crew, door, merged, scheme }: Base,
): Promise<RunningServer> {
  const { logger } = lines;
  const { workers, metricsToken } = config;
  // First, because it is what most often cannot be had. Who comes meanwhile waits at the door.
  const url = await listen(door.server, config, scheme);
  const probe = new LoopProbe(nodeEnvironment);
  const endpoints = createOperatorEndpoints({
    health: {
      live: () => crewLiveness(probe.live(LOOP_ALIVE_MS), crew.workers),
      ready: () => crewReadiness(crew.workers),
    },
    metrics: merged,
    openTo: "anybody",
    metricsToken,
  });
  const closeAdmin = await listenForOperators(config, lines, endpoints);
  try {
    await crew.start();
  } catch (error) {
    await closeAdmin?.();
    throw error;
  }
  logger.info({ event: "listening", url, workers }, `serving ${url}`);
  warnOfTooMany(workers, lines);
  return {
    renewCertificate: scheme === "https" ? () => crew.renewCertificate() : undefined,
    failed: crew.failed,
    shutDown: async () => {
      const { notReadyMs, drainMs } = config;
      logger.info({ event: "stopping", notReadyMs, drainMs }, "shutting down");
      await crew.drain();
      door.close();
      await crew.end();
      probe.stop();
      await closeAdmin?.();
      await log.close();
      logger.info({ event: "stopped" }, "shut down");
    },
  };
}

function warnOfTooMany(workers: number, { logger }: OperatorLog): void {
  const cores = availableParallelism();
  if (workers <= cores) return;
  const said =
    "more workers than this process may use cores: they take turns, and memory, for nothing";
  logger.warn({ event: "many-workers", workers, cores }, said);
}
