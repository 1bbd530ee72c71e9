// Every bundled scenario on real sockets, once; `npm run reliability` plays them many times.

import { beforeAll, describe, expect, it } from "vitest";
import { dropInClient, runScenario } from "../../src/network-run/index.js";
import {
  bundledScenarios,
  type Scenario,
  type ScenarioStep,
  type ScenarioVerdict,
} from "../../src/scenario/index.js";

/** As many at a time as keep a small machine from being the fault that is measured. */
const LANES = 24;
/** Long enough to see that it heals, and that requests stay few. */
const LONGEST_MS = 6000;
/** Two hundred readers and their hub in one process are for a machine that does nothing else. */
const MOST_READERS = 50;

const all = bundledScenarios().map(shortened);
const verdicts = new Map<string, ScenarioVerdict | Error>();

beforeAll(async () => {
  const queue = all.filter(({ readers }) => readers === 1);
  const crowds = all.filter(({ readers }) => readers > 1);
  await Promise.all(Array.from({ length: LANES }, () => playAll(queue)));
  await playAll(crowds);
  // Many at a time are a strain on the machine, which is none of their faults: what went wrong is played again, alone.
  await playAll(all.filter(({ id }) => !isKept(verdicts.get(id))));
}, 120_000);

function isKept(verdict: ScenarioVerdict | Error | undefined): boolean {
  return verdict !== undefined && !(verdict instanceof Error) && verdict.broken.length === 0;
}

describe("the drop-in does what is expected of it in scenario", () => {
  it.each(all)("$id: $title", ({ id }) => {
    const verdict = verdicts.get(id);
    if (verdict === undefined || verdict instanceof Error) throw verdict;
    expect(verdict.broken, JSON.stringify(verdict)).toEqual([]);
  });
});

async function playAll(queue: Scenario[]): Promise<void> {
  const client = dropInClient();
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const verdict = await runScenario(next, { client }).catch((error: Error) => error);
    verdicts.set(next.id, verdict);
  }
}

function shortened(scenario: Scenario): Scenario {
  const readers = Math.min(scenario.readers, MOST_READERS);
  return { ...scenario, readers, steps: scenario.steps.map(shortenedStep) };
}

function shortenedStep(step: ScenarioStep): ScenarioStep {
  if (step.kind === "flap") {
    return { ...step, flap: { ...step.flap, forMs: Math.min(step.flap.forMs, LONGEST_MS) } };
  }
  if (step.kind !== "wait") return step;
  const { leastMs, mostMs } = step.duration;
  const duration = {
    leastMs: Math.min(leastMs, LONGEST_MS),
    mostMs: Math.min(mostMs, LONGEST_MS),
  };
  return { ...step, duration };
}
