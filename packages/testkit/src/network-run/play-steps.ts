// Plays the steps of a scenario on real sockets.

import { setTimeout as wait } from "node:timers/promises";
import { assertNever, StreamError } from "throughline/core";
import { drawMs, type Random, type Scenario, type ScenarioStep } from "../scenario/index.js";
import { becomesTrue } from "./recorded-reader.js";
import type { ScenarioStage } from "./scenario-stage.js";

/** What a scenario is played with. */
export interface Play {
  readonly stage: ScenarioStage;
  readonly random: Random;
  /** How long a step waits for what has to come true before it gives up. */
  readonly readyWithinMs: number;
}

/** Plays all steps, in order. */
export async function playScenario({ steps, id }: Scenario, play: Play): Promise<void> {
  const { stage, readyWithinMs } = play;
  const comesTrue: ComesTrue = async (what, isTrue) => {
    if (await becomesTrue(isTrue, readyWithinMs)) return;
    throw new StreamError(
      `${id}: ${what}: waited for that in vain, for ${readyWithinMs / 1000} s.`,
      { code: "timeout", fault: "remote" },
    );
  };
  if (!steps.some(({ kind }) => kind === "open")) {
    await stage.open();
    await comesTrue("every reader is live", () => stage.readers.every((reader) => reader.isLive));
  }
  for (const step of steps) await playStep(step, { ...play, comesTrue });
}

type ComesTrue = (what: string, isTrue: () => boolean) => Promise<void>;

interface StepContext extends Play {
  readonly comesTrue: ComesTrue;
}

async function playStep(step: ScenarioStep, context: StepContext): Promise<void> {
  const { stage, random } = context;
  const { publisher, proxy } = stage;
  stage.begin(step);
  switch (step.kind) {
    case "open":
      await stage.open();
      return;
    case "publish-every":
      publisher.every(step.everyMs);
      return;
    case "publish-nothing":
      publisher.pause();
      return;
    case "publish-count":
      for (let n = 0; n < step.count; n += 1) publisher.one(step.bytes);
      await publisher.settled();
      return;
    case "wait":
      await wait(drawMs(step.duration, random));
      return;
    case "wait-until":
      await waitUntil(step.until, context);
      return;
    case "fault":
      await proxy.set(step.fault);
      return;
    case "flap":
      await proxy.flap(step.flap);
      return;
    case "detour":
      stage.divert(step.detour);
      return;
    case "hub":
      // What was sent before it was published before it.
      await publisher.settled();
      await stage.server.act(step.action, stage.stream);
      stage.path.usableFrom(performance.now());
      return;
    default:
      assertNever(step);
  }
}

async function waitUntil(
  until: "struck" | "live",
  { stage, comesTrue }: StepContext,
): Promise<void> {
  if (until === "live") {
    await comesTrue("every reader has all that was published", () => stage.isLive);
    return;
  }
  await comesTrue("the fault has struck", () => stage.proxy.fault.kind === "pass");
  stage.path.struck(stage.lookAtFault());
}
