// The scenarios that are recoveries of one reader, and which of them can be played where.

import { bundledScenarios, type Scenario, type ScenarioStep } from "@throughline/testkit";
import type { ClientKind } from "../clients/clients.js";
import type { PathKind } from "../paths/path.js";

/**
 * Longer histories, and larger events or noise, are a matter of hub and parser, and are tried by themselves: many
 * readers at a time would measure each other.
 */
const MOST_PUBLISHED = 1000;
const MOST_BYTES = 100_000;

/**
 * The bundled scenarios that end with a path on which a single reader has to be live again. Left out are those
 * that do something to the hub, which is shared here: what happens to processes is measured by itself.
 */
export function scenarioFaults(): readonly Scenario[] {
  return bundledScenarios().filter(
    ({ readers, steps, expectations }) =>
      readers === 1 &&
      steps.every((step) => step.kind !== "hub" && !isHeavy(step)) &&
      expectations.some((each) => each.kind === "within" && each.what === "heal"),
  );
}

function isHeavy(step: ScenarioStep): boolean {
  if (step.kind === "publish-count") return step.count > MOST_PUBLISHED || step.bytes > MOST_BYTES;
  return (
    step.kind === "fault" && step.fault.kind === "garbage" && (step.fault.bytes ?? 0) > MOST_BYTES
  );
}

/** Whether a scenario can be played with a client on a path. */
export function isPlayable(
  { steps }: Scenario,
  { host, name }: ClientKind,
  { isForeign, isEncrypted }: PathKind,
): boolean {
  // Node has no reason to believe the certificate.
  if (isEncrypted && (host === "node" || !steps.every(fitsEncrypted))) return false;
  return steps.every((step) => {
    // A frame has to load over the path that its reader then reads from.
    if (step.kind === "open") return host === "node";
    if (step.kind === "detour") return name === "drop-in" && host === "node";
    return !isForeign || fitsForeign(step);
  });
}

/** What does not have to look into a connection. */
const BLIND = new Set(["pass", "fin", "reset", "refuse", "reset-new", "freeze", "slow", "delay"]);

function fitsEncrypted(step: ScenarioStep): boolean {
  return step.kind !== "detour" && (step.kind !== "fault" || BLIND.has(step.fault.kind));
}

/** A source that shows its newest rows, and writes JSON without a letter beyond ASCII. */
function fitsForeign(step: ScenarioStep): boolean {
  if (step.kind === "publish-count") return false;
  if (step.kind !== "fault" || step.fault.kind !== "cut") return true;
  const { after } = step.fault;
  return typeof after === "string" || after.every((byte) => byte < 0x80);
}

/** The same scenario, with events no closer to each other than a path can take. */
export function slowedDown(scenario: Scenario, leastGapMs: number): Scenario {
  const steps = scenario.steps.map(
    (step): ScenarioStep =>
      step.kind === "publish-every"
        ? { ...step, everyMs: Math.max(step.everyMs, leastGapMs) }
        : step,
  );
  return { ...scenario, steps };
}
