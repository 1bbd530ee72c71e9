import { afterAll, beforeAll, describe, test } from "vitest";
import type { Scenario, Stage, StageSetup } from "./stage.js";

/** Something that is tried, with its own stages. */
export interface Story {
  /** A sentence about behaviour. */
  readonly title: string;
  run(): Promise<void>;
}

/** Stories that run in one world at the same time. */
export interface Play {
  /** Stories by the title of their group. */
  readonly groups: Readonly<Record<string, readonly Story[]>>;
  before?(): Promise<void> | void;
  after?(): Promise<void> | void;
}

/** Stories wait much and compute little, so that many can run at a time. */
const atATime = 32;

/**
 * Registers one test for each story. All stories run at the same time, in the order of the groups;
 * a test waits for its story and fails as it does.
 */
export function describePlay({ groups, before, after }: Play): void {
  const outcomes = new Map<Story, Promise<void>>();
  beforeAll(async () => {
    await before?.();
    const takeTurn = createTurns(atATime);
    for (const story of Object.values(groups).flat()) {
      const outcome = takeTurn(() => story.run());
      // Its test hears of a failure later; until then nobody does, which is no reason to crash.
      outcome.catch(() => {});
      outcomes.set(story, outcome);
    }
  });
  afterAll(async () => {
    await Promise.allSettled(outcomes.values());
    await after?.();
  });
  for (const [title, stories] of Object.entries(groups)) {
    describe(title, () => {
      for (const story of stories) test(story.title, () => outcomes.get(story));
    });
  }
}

/** Tells scenarios as stories, each on a stage of its own. */
export function onStage<Opened extends Stage>(
  openStage: () => (setup: StageSetup) => Promise<Opened>,
  scenarios: readonly Scenario<Opened>[],
): readonly Story[] {
  return scenarios.map((scenario) => ({
    title: scenario.title,
    run: async () => {
      const stage = await openStage()(scenario);
      try {
        await scenario.run(stage);
      } finally {
        await stage.close();
      }
    },
  }));
}

/** Runs functions at most `limit` at a time, in the order in which they came. */
function createTurns(limit: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    try {
      return await run();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}
