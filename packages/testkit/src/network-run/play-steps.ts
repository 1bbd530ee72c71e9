// Plays the steps of a scenario on real sockets.

import { setTimeout as wait } from "node:timers/promises";
import { assertNever, StreamError } from "throughline/core";
import { drawMs, type Random, type Scenario, type ScenarioStep } from "../scenario/index.js";
import { becomesTrue } from "./recorded-reader.js";
import type { ScenarioStage } from "./scenario-stage.js";

/** A reader that is not live by then will not be, and a fault that has not struck will not. */
const READY_WITHIN_MS = 15_000;

/** Plays all steps, in order. */
export async function playScenario(
  { steps, id }: Scenario,
  stage: ScenarioStage,
  random: Random,
): Promise<void> {
  if (!steps.some(({ kind }) => kind === "open")) {
    await stage.open();
    const isOpen = () => stage.readers.every((reader) => reader.isLive);
    await comesTrue(`${id}: every reader is live`, isOpen);
  }
  for (const step of steps) await playStep(step, { stage, random, id });
}

interface StepContext {
  readonly stage: ScenarioStage;
  readonly random: Random;
  readonly id: string;
}

async function playStep(step: ScenarioStep, { stage, random, id }: StepContext): Promise<void> {
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
      await waitUntil(step.until, stage, id);
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
  stage: ScenarioStage,
  id: string,
): Promise<void> {
  if (until === "live") {
    await comesTrue(`${id}: every reader has all that was published`, () => stage.isLive);
    return;
  }
  await comesTrue(`${id}: the fault has struck`, () => stage.proxy.fault.kind === "pass");
  stage.path.struck(stage.lookAtFault());
}

async function comesTrue(what: string, isTrue: () => boolean): Promise<void> {
  if (await becomesTrue(isTrue, READY_WITHIN_MS)) return;
  throw new StreamError(`${what}: waited for that in vain, for ${READY_WITHIN_MS / 1000} s.`, {
    code: "timeout",
    fault: "remote",
  });
}
