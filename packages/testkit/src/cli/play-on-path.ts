// The part of a scenario that is done to the path, played on a proxy that others read through.

import { setTimeout as wait } from "node:timers/promises";
import type { FaultProxy } from "../fault-proxy/index.js";
import { drawMs, type Scenario, type ScenarioStep } from "../scenario/index.js";
import type { CliHost } from "./cli-host.js";

const LOOK_EVERY_MS = 10;

/** Plays the faults and waits of a scenario; resolves at its end, or when it is told to stop. */
export async function playOnPath(
  { id, title, steps }: Scenario,
  proxy: FaultProxy,
  host: CliHost,
): Promise<void> {
  host.say(`playing ${id}: ${title}`);
  for (const step of steps) {
    if (host.signal.aborted) return;
    try {
      await playStep(step, proxy, host);
    } catch (error) {
      if (!host.signal.aborted) throw error;
    }
  }
  host.say(`played ${id}`);
}

async function playStep(step: ScenarioStep, proxy: FaultProxy, host: CliHost): Promise<void> {
  const { signal } = host;
  switch (step.kind) {
    case "fault":
      await proxy.set(step.fault);
      return;
    case "flap":
      signal.addEventListener("abort", () => void proxy.set({ kind: "pass" }), { once: true });
      await proxy.flap(step.flap);
      return;
    case "wait":
      await wait(drawMs(step.duration, Math.random), undefined, { signal });
      return;
    case "wait-until":
      while (step.until === "struck" && proxy.fault.kind !== "pass") {
        await wait(LOOK_EVERY_MS, undefined, { signal });
      }
      return;
    default:
      host.say(`not done here: ${step.kind}`);
  }
}
