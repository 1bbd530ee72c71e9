// All runs of all scenarios, many at a time: each reader has a proxy of its own.

import type { OpenPath, PathKind } from "../paths/path.js";
import type { CampaignTools } from "./campaign-tools.js";
import { measureOnce } from "./measured-runs.js";
import type { Plan, ScenarioPlan } from "./plan.js";
import { runScenarioCell, type ScenarioCell } from "./scenario-run.js";
import { runTasks, type Task } from "./work-queue.js";

/** How the readers that run at a time are shared out, by where they run: as the work is. */
const SHARES = { node: 0.38, chromium: 0.38, firefox: 0.24 } as const;

/** Plays all of it. A path that cannot be opened costs its own runs and no others. */
export async function runScenarioCampaign(plan: Plan, tools: CampaignTools): Promise<void> {
  const wanted = plan.paths.filter((kind) =>
    plan.scenarios.some(({ pathKind }) => pathKind === kind),
  );
  const paths = await openPaths(wanted, tools);
  try {
    const tasks = plan.scenarios
      .toSorted((a, b) => lengthMs(b) - lengthMs(a))
      .flatMap((each) => {
        const path = paths.get(each.pathKind);
        return path === undefined ? [] : tasksOf(each, path, { plan, tools });
      });
    const limits = new Map<string, number>();
    for (const [host, share] of Object.entries(SHARES)) {
      limits.set(host, Math.max(1, Math.round(plan.parallel * share)));
    }
    for (const { id, mostRuns } of wanted) if (mostRuns !== undefined) limits.set(id, mostRuns);
    await runTasks(tasks, { limits, signal: tools.signal });
  } finally {
    await Promise.all([...paths.values()].map((path) => path.close()));
  }
}

async function openPaths(
  kinds: readonly PathKind[],
  { options, progress, sink }: CampaignTools,
): Promise<ReadonlyMap<PathKind, OpenPath>> {
  const opened = await Promise.all(
    kinds.map(async (kind) => {
      const missing = kind.missing();
      if (missing !== undefined) {
        progress.skip(`the path ${kind.id}`, missing);
        return [];
      }
      try {
        return [[kind, await kind.open(options)] as const];
      } catch (error) {
        const message = `the path could not be opened: ${String(error)}`;
        progress.say(`${kind.id}: ${message}`);
        sink.failure({ fault: "any", client: "all", path: kind.id, message });
        return [];
      }
    }),
  );
  return new Map(opened.flat());
}

function tasksOf(
  each: ScenarioPlan,
  path: OpenPath,
  { plan, tools }: { readonly plan: Plan; readonly tools: CampaignTools },
): readonly Task[] {
  const { kind, pathKind } = each;
  const client = tools.pool.clientOf(kind);
  return Array.from({ length: each.runs }, (_, index) => ({
    uses: [kind.host, pathKind.id],
    run: () => measure({ ...each, client, path, run: index + 1, seed: plan.seed }, tools),
  }));
}

async function measure(cell: ScenarioCell, tools: CampaignTools): Promise<void> {
  const { scenario, kind, pathKind } = cell;
  await measureOnce(
    {
      where: { fault: scenario.id, client: kind.id, path: pathKind.id },
      client: kind.id,
      play: async () => [await runScenarioCell(cell)],
    },
    tools,
  );
  tools.progress.done();
}

/** About how long a scenario takes: the longest begin first, so that nobody waits for one at the end. */
function lengthMs({ scenario }: ScenarioPlan): number {
  return scenario.steps.reduce((sum, step) => {
    if (step.kind === "wait") return sum + step.duration.mostMs;
    return step.kind === "flap" ? sum + step.flap.forMs : sum;
  }, 0);
}
