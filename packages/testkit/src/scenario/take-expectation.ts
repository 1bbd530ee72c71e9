// The lines that begin with `expect`.

import { takeDuration, takeUnit } from "./duration.js";
import { type Expectation, PROMISES } from "./scenario.js";
import type { Words } from "./words.js";

/** Takes what stands behind `expect`: one expectation, or several with commas between them. */
export function takeExpectations(words: Words): readonly Expectation[] {
  const taken: Expectation[] = [];
  do taken.push(...takeOne(words));
  while (words.takeIf(","));
  return taken;
}

const STARTS = [
  "every",
  "detect",
  "begin",
  "heal",
  "nothing",
  "no",
  "gap",
  "at",
  "state",
  "reason",
] as const;

function takeOne(words: Words): readonly Expectation[] {
  const start = words.takeOneOf(STARTS);
  switch (start) {
    case "every":
      words.takeAll("promise");
      return PROMISES;
    case "detect":
    case "begin":
    case "heal":
      words.takeAll("within");
      return [{ kind: "within", what: start, ms: takeDuration(words) }];
    case "nothing":
      return [{ kind: "nothing", what: takeHarm(words) }];
    case "no":
      words.takeAll("gap");
      return [{ kind: "no-gap" }];
    case "gap":
      return [{ kind: "gap", reason: takeReason(words) }];
    case "at":
      return [takeBound(words)];
    case "state":
      return [{ kind: "state", state: takeName(words, "a state"), reason: takeReason(words) }];
    case "reason":
      return [{ kind: "reason", reason: takeName(words, "a reason") }];
  }
}

function takeHarm(words: Words): "lost" | "repeated" | "out of order" {
  const harm = words.takeOneOf(["lost", "repeated", "out"] as const);
  if (harm !== "out") return harm;
  words.takeAll("of", "order");
  return "out of order";
}

function takeBound(words: Words): Expectation {
  const bound = words.takeOneOf(["most", "least"] as const);
  const requests = takeCount(words);
  words.takeOneOf(["request", "requests"] as const);
  if (bound === "least") return { kind: "at-least", requests };
  const perMs = words.takeIf("per") ? takeUnit(words) : undefined;
  return { kind: "at-most", requests, perMs };
}

/** Takes a whole number. */
export function takeCount(words: Words): number {
  if (!/^\d{1,9}$/.test(words.next ?? "")) throw words.error("a whole number");
  return Number(words.take("a whole number"));
}

function takeName(words: Words, expected: string): string {
  if (!/^[a-z][a-z-]*$/.test(words.next ?? "")) throw words.error(`${expected}, in small letters`);
  return words.take(expected);
}

function takeReason(words: Words): string | undefined {
  const [, reason] = /^reason=([a-z][a-z-]*)$/.exec(words.next ?? "") ?? [];
  if (reason !== undefined) words.take("a reason");
  return reason;
}
