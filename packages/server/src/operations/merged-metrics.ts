// The metrics of several processes as those of one hub.

import { AggregatorRegistry, Counter, Gauge, Registry } from "prom-client";
import { WORKER_METRICS } from "./metric-table.js";
import type { Metrics, MetricsSnapshot } from "./metrics.js";

/** What is shown together. */
export interface MergedMetricsOptions {
  /** The metrics of this process. */
  readonly own: Pick<Metrics, "snapshot" | "contentType">;
  /**
   * Asks the workers that there are at the moment of the call for theirs. One that does not answer is not
   * left out, but counts with what it said last.
   */
  readonly gather: () => Promise<readonly MetricsSnapshot[]>;
  /** How many workers there are at this moment. */
  readonly workers: () => { readonly ready: number; readonly notReady: number };
}

/** Metrics of a hub that is several processes. */
export interface MergedMetrics extends Pick<Metrics, "text" | "contentType"> {
  /**
   * A worker is no more. What it had counted when it was asked last goes on to count: sums that go
   * down would look as if everything had begun anew.
   */
  onWorkerEnded(last: MetricsSnapshot | undefined): void;
}

/**
 * Sums counters and histograms. Gauges are summed as well, but for `throughline_healthy`, which is the
 * least of all, and for those of `processMetrics` that are no amounts.
 */
export function createMergedMetrics(options: MergedMetricsOptions): MergedMetrics {
  const { own, gather, workers } = options;
  const registry = new Registry();
  const registers = [registry];
  const { name, help, labels } = WORKER_METRICS.workers;
  const gauge = new Gauge({ name, help, labelNames: [...labels], registers });
  const { name: endedName, help: endedHelp } = WORKER_METRICS.workersEnded;
  const ended = new Counter({ name: endedName, help: endedHelp, registers });
  /** What those had counted that are no more, all together. */
  let departed: Promise<readonly MetricsSnapshot[]> = Promise.resolve([]);
  return {
    onWorkerEnded: (last) => {
      ended.inc();
      if (last !== undefined) departed = departed.then((before) => fold(before, last));
    },
    text: async () => {
      const { ready, notReady } = workers();
      gauge.set({ state: "ready" }, ready);
      gauge.set({ state: "not-ready" }, notReady);
      // In one turn: whoever ends meanwhile was asked, and is not yet among those that are no more.
      const [present, gone] = await Promise.all([gather(), departed]);
      const crew = await registry.getMetricsAsJSON();
      return await aggregate([...present, await own.snapshot(), crew, ...gone]).metrics();
    },
    contentType: own.contentType,
  };
}

async function fold(
  before: readonly MetricsSnapshot[],
  last: MetricsSnapshot,
): Promise<readonly MetricsSnapshot[]> {
  return [await aggregate([...before, last.filter(isCounted)]).getMetricsAsJSON()];
}

function aggregate(snapshots: readonly MetricsSnapshot[]): Registry {
  return AggregatorRegistry.aggregate([...snapshots]);
}

/** Whether a metric is of what has happened, and not of how it is. */
function isCounted({ type }: MetricsSnapshot[number]): boolean {
  // The library's declarations have an enumeration here; at run time it is the word.
  const word = String(type);
  return word === "counter" || word === "histogram";
}
