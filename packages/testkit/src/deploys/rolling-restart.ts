// Two hubs over one log, and how one after the other is replaced while the other serves.

import { setTimeout as wait } from "node:timers/promises";
import { createMemoryLog, type EventLog } from "@throughline/server";
import { type ReadyHub, startReadyHub } from "../proxies/index.js";

/** How a hub is replaced. Times in milliseconds. */
export interface RestartTimes {
  /** From "not ready" to the beginning of the drain: until every balancer has noticed. */
  readonly noticeMs: number;
  /** How long readers have to leave. */
  readonly drainMs: number;
  /** How long nothing listens: the old process ends, the new one starts. */
  readonly absentMs: number;
  /** From the new hub's first "ready" to the next step: until every balancer has noticed. */
  readonly readyMs: number;
}

/** Two hubs that serve the same log on ports of their own. */
export interface HubPair {
  readonly log: EventLog;
  readonly ports: readonly [number, number];
  /** Streams that are open on each. */
  open(): readonly [number, number];
  /** Replaces the first hub by a new one on the same port, then the second. */
  restart(times: RestartTimes): Promise<void>;
  close(): Promise<void>;
}

/**
 * No reader asks for its lease in this time. A proxy may bring the renewal to the hub that does not
 * serve the connection, and what is measured here is the restart alone.
 */
const LEASE_MS = 600_000;

/**
 * Starts both. They are hubs of one process, because a memory log cannot be shared by several; each has
 * its own port, readiness, drain and end, and that is all that a proxy sees of a process.
 */
export async function startHubPair(): Promise<HubPair> {
  const log = createMemoryLog({ maxEvents: 100_000 });
  let [first, second] = await Promise.all([startHub(log), startHub(log)]);
  const ports = [first.port, second.port] as const;
  return {
    log,
    ports,
    open: () => [openStreams(first), openStreams(second)],
    restart: async (times) => {
      first = await replace(log, first, times);
      second = await replace(log, second, times);
    },
    close: async () => {
      await Promise.all([first.close(0), second.close(0)]);
      await log.close();
    },
  };
}

async function replace(log: EventLog, old: ReadyHub, times: RestartTimes): Promise<ReadyHub> {
  old.retire();
  await wait(times.noticeMs);
  await old.close(times.drainMs);
  await wait(times.absentMs);
  const successor = await startHub(log, old.port);
  await wait(times.readyMs);
  return successor;
}

function startHub(log: EventLog, port?: number): Promise<ReadyHub> {
  return startReadyHub({ log, port, leaseMs: LEASE_MS });
}

function openStreams({ hub }: ReadyHub): number {
  const { live, replaying, draining } = hub.stats().connections;
  return live + replaying + draining;
}
