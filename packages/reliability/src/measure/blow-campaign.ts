// All blows on all paths, one after the other on each: those to processes on a few paths at a time.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uniform } from "@throughline/testkit";
import { openBlackholePath } from "../blackhole/blackhole-path.js";
import { namespacesMissing } from "../blackhole/namespaces.js";
import type { Blow } from "../faults/blow.js";
import { DIRECT } from "../paths/hub-path.js";
import type { OpenPath, PathKind } from "../paths/path.js";
import { runBlow } from "./blow-run.js";
import type { CampaignTools } from "./campaign-tools.js";
import { measureOnce } from "./measured-runs.js";
import type { Plan } from "./plan.js";
import { hash } from "./scenario-run.js";
import { runTasks } from "./work-queue.js";

/** Readers of the drop-in in each place that it runs in, and of every other client. */
const READERS = { promised: 4, others: 1 } as const;

/** Paths at a time. */
const LANES = 3;

/** How many recoveries the blows of a plan are, where nothing is missing. */
export function countBlowRecoveries(plan: Plan): number {
  const readers = plan.clients.reduce((sum, kind) => sum + seatsOf(kind.isPromised), 0);
  const deals = plan.paths.flatMap((kind) => blowsOn(plan, kind));
  return deals.length * readers * plan.rounds;
}

/** The blows that can befall a path. An encrypted one has the processes of one that is not. */
function blowsOn({ blows }: Plan, kind: PathKind): readonly Blow[] {
  return blows.filter(({ needs }) =>
    needs === "network" ? kind === DIRECT : !kind.isEncrypted && kind.processes.includes(needs),
  );
}

function isOfNetwork({ needs }: Blow): boolean {
  return needs === "network";
}

/** Deals the blows to processes. What cannot be had here is said, and costs nothing else. */
export async function runProcessBlows(plan: Plan, tools: CampaignTools): Promise<void> {
  const tasks = plan.paths.map((pathKind) => ({
    uses: ["lane"],
    run: () => runLane(plan, pathKind, tools),
  }));
  await runTasks(tasks, { limits: new Map([["lane", LANES]]), signal: tools.signal });
}

/** The blows to the processes of one path. Its log is on disk: it outlives them. */
async function runLane(plan: Plan, pathKind: PathKind, tools: CampaignTools): Promise<void> {
  const blows = blowsOn(plan, pathKind).filter((blow) => !isOfNetwork(blow));
  if (blows.length === 0) return;
  const missing = pathKind.missing();
  if (missing !== undefined) {
    tools.progress.skip(`the path ${pathKind.id}`, missing);
    return;
  }
  const directory = await mkdtemp(join(tmpdir(), "throughline-reliability-"));
  try {
    const path = await pathKind.open({ ...tools.options, directory });
    try {
      await deal(plan, { pathKind, path, network: undefined, blows }, tools);
    } finally {
      await path.close();
    }
  } catch (error) {
    const message = `the kills ended early: ${String(error)}`;
    tools.progress.say(`${pathKind.id}: ${message}`);
    tools.sink.failure({ fault: "any", client: "all", path: pathKind.id, message });
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Deals the blows to a network, on the way to a hub.
 *
 * Nothing runs beside them: nobody is told that packets vanish, so that recovery begins only some tenths of a
 * second before it has to. A gateway that starts at that moment takes as much from those who are measured.
 */
export async function runPacketBlows(plan: Plan, tools: CampaignTools): Promise<void> {
  const blows = plan.paths.includes(DIRECT) ? blowsOn(plan, DIRECT).filter(isOfNetwork) : [];
  if (blows.length === 0) return;
  const missing = await namespacesMissing();
  if (missing !== undefined) {
    tools.progress.skip("packets that vanish", missing);
    return;
  }
  const path = await DIRECT.open(tools.options);
  try {
    const addresses = plan.clients.reduce((sum, kind) => sum + seatsOf(kind.isPromised), 0);
    const network = await openBlackholePath({ port: path.upstream.port, addresses });
    try {
      await deal(plan, { pathKind: DIRECT, path, network, blows }, tools);
    } finally {
      await network.close();
    }
  } finally {
    await path.close();
  }
}

interface Lane {
  readonly pathKind: PathKind;
  readonly path: OpenPath;
  readonly network: Awaited<ReturnType<typeof openBlackholePath>> | undefined;
  readonly blows: readonly Blow[];
}

async function deal(plan: Plan, lane: Lane, tools: CampaignTools): Promise<void> {
  const readers = plan.clients.flatMap((kind) =>
    Array.from({ length: seatsOf(kind.isPromised) }, () => ({
      kind,
      client: tools.pool.clientOf(kind),
    })),
  );
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const blow of lane.blows) {
      if (tools.signal.aborted) return;
      const random = uniform(plan.seed + hash(`${blow.id}-${lane.pathKind.id}-${round}`));
      await measureOnce(
        {
          where: { fault: blow.id, client: "all", path: lane.pathKind.id },
          play: async () => {
            try {
              return await runBlow({ blow, ...lane, readers, random });
            } catch (error) {
              await revive(lane.path);
              throw error;
            }
          },
        },
        tools,
      );
      for (const _ of readers) tools.progress.done();
    }
  }
}

/** Starts every process anew: a blow that failed half-way may have left one dead. */
async function revive({ processes }: OpenPath): Promise<void> {
  for (const each of Object.values(processes)) {
    await each.kill();
    await each.start();
  }
}

function seatsOf(isPromised: boolean): number {
  return isPromised ? READERS.promised : READERS.others;
}
