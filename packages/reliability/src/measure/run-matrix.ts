// The whole of it: every blow, then every scenario. Whatever goes wrong on the way is noted, and what there is
// by then is the result.

import { cpus, platform, release } from "node:os";
import { createClientPool, missingHost } from "../clients/client-pool.js";
import { bundlePageScripts } from "../clients/page-scripts.js";
import { collectCells, type ReportData } from "../report/report-data.js";
import { countBlowRecoveries, runPacketBlows, runProcessBlows } from "./blow-campaign.js";
import type { Plan } from "./plan.js";
import { createProgress } from "./progress.js";
import type { RunFailure, RunResult } from "./result.js";
import { runScenarioCampaign } from "./scenario-campaign.js";
import { StallWitness } from "./stall-witness.js";

/** Carries out a plan. After `signal` nothing new is begun. */
export async function runMatrix(
  asked: Plan,
  options: { readonly command: string; readonly signal: AbortSignal },
): Promise<ReportData> {
  const startMs = performance.now();
  const results: RunResult[] = [];
  const failures: RunFailure[] = [];
  const skipped: string[] = [];
  const plan = withoutMissing(asked);
  const runs = plan.scenarios.reduce((sum, each) => sum + each.runs, 0);
  const progress = createProgress({
    total: runs + countBlowRecoveries(plan),
    onSkipped: (line) => skipped.push(line),
  });
  for (const { host, id } of asked.clients) {
    const missing = missingHost(host);
    if (missing !== undefined) progress.skip(`the client ${id}`, missing);
  }
  const witness = new StallWitness();
  let spoiled = 0;
  const scripts = await bundlePageScripts();
  const pool = createClientPool(scripts, (client) => witness.pageStalled(client));
  const tools = {
    pool,
    options: { frameScript: scripts.frame },
    progress,
    witness,
    signal: options.signal,
    sink: {
      result: (result: RunResult) => {
        results.push(result);
        // Every promise that is broken, also where it is not made.
        if (result.broken.length === 0) return;
        const { fault, client, path, broken } = result;
        progress.say(`BROKEN ${fault} ${client} ${path}: ${broken.join("; ")}`);
      },
      failure: (failure: RunFailure) => failures.push(failure),
      spoiled: () => {
        spoiled += 1;
      },
    },
  };
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      progress.say(String(error));
      failures.push({ fault: "any", client: "all", path: "any", message: String(error) });
    }
  };
  try {
    await attempt(() => runPacketBlows(plan, tools));
    await attempt(() => runProcessBlows(plan, tools));
    await attempt(() => runScenarioCampaign(plan, tools));
  } finally {
    await pool.close();
    progress.close();
    witness.close();
  }
  if (options.signal.aborted) skipped.push("whatever had not begun when the run was stopped");
  const faults = [
    ...new Map([
      ...plan.scenarios.map(({ scenario }) => [scenario.id, scenario.title] as const),
      ...plan.blows.map(({ id, title }) => [id, title] as const),
    ]),
  ];
  return {
    version: 1,
    command: options.command,
    seed: plan.seed,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "an unknown processor"}, ${platform()} ${release()}, Node ${process.version}`,
    seconds: (performance.now() - startMs) / 1000,
    longestStallMs: witness.longestMs,
    spoiled,
    faults,
    skipped,
    failures,
    cells: collectCells(results, faults),
  };
}

/** The plan with those clients that have a place to run in. */
function withoutMissing(plan: Plan): Plan {
  const clients = plan.clients.filter(({ host }) => missingHost(host) === undefined);
  const scenarios = plan.scenarios.filter(({ kind }) => clients.includes(kind));
  return { ...plan, clients, scenarios };
}
