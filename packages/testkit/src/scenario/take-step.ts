// The lines that do something.

import type { FlapOptions } from "../fault-proxy/index.js";
import { assertSteps, flapSteps } from "../fault-proxy/schedule.js";
import { readDuration, takeDuration, takeRange, takeSize } from "./duration.js";
import { takeFault } from "./fault-text.js";
import type { ScenarioStep } from "./scenario.js";
import { takeCount } from "./take-expectation.js";
import { checkedAt, type Words } from "./words.js";

/** How each line that is a step goes on, by its first word. */
export const STEPS: ReadonlyMap<string, (words: Words) => ScenarioStep> = new Map([
  ["open", (): ScenarioStep => ({ kind: "open" })],
  ["publish", takePublish],
  ["wait", takeWait],
  ["fault", (words): ScenarioStep => ({ kind: "fault", fault: takeFault(words) })],
  ["flap", takeFlap],
  ["detour", takeDetour],
  [
    "hub",
    (words): ScenarioStep => ({
      kind: "hub",
      action: words.takeOneOf(["kill", "start", "trim", "wipe", "seal"] as const),
    }),
  ],
]);

function takePublish(words: Words): ScenarioStep {
  if (words.takeIf("nothing")) return { kind: "publish-nothing" };
  if (words.takeIf("every")) return { kind: "publish-every", everyMs: takeDuration(words) };
  if (!/^\d/.test(words.next ?? "")) throw words.error('"every", "nothing" or a number of events');
  const count = takeCount(words);
  words.takeOneOf(["event", "events"] as const);
  const bytes = words.takeIf("of") ? takeSize(words) : 0;
  return { kind: "publish-count", count, bytes };
}

function takeWait(words: Words): ScenarioStep {
  if (!words.takeIf("until")) return { kind: "wait", duration: takeRange(words) };
  return { kind: "wait-until", until: words.takeOneOf(["struck", "live"] as const) };
}

function takeDetour(words: Words): ScenarioStep {
  const detour = words.takeOneOf(["unknown-name", "tls-failure", "none"] as const);
  return { kind: "detour", detour: detour === "none" ? undefined : detour };
}

/** `flap down=1s up=1s for=60s`, and behind `by` what "down" is. */
function takeFlap(words: Words): ScenarioStep {
  const times = { downMs: takeTime(words, "down"), upMs: takeTime(words, "up") };
  const forMs = takeTime(words, "for");
  const down = words.takeIf("by") ? takeFault(words) : undefined;
  const flap: FlapOptions = { ...times, forMs, ...(down === undefined ? {} : { down }) };
  // Throws where it would go on without end.
  checkedAt(words.place, () => assertSteps(flapSteps(flap)));
  return { kind: "flap", flap };
}

function takeTime(words: Words, name: string): number {
  const [, text] = new RegExp(`^${name}=(.+)$`).exec(words.next ?? "") ?? [];
  const ms = readDuration(text ?? "");
  if (ms === undefined) throw words.error(`"${name}=" with a length of time such as "1s"`);
  words.take("a length of time");
  return ms;
}
