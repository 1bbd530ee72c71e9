// Scenarios as text: a line for each thing that is done or expected, and `#` for remarks.

import { StreamError } from "throughline/core";
import type { Expectation, Scenario, ScenarioStep } from "./scenario.js";
import { takeCount, takeExpectations } from "./take-expectation.js";
import { STEPS } from "./take-step.js";
import { type LinePlace, oneOf, syntaxError, Words } from "./words.js";

/** As many readers as one process can be on a small machine. */
const MOST_READERS = 10_000;

/** A scenario that is being read. */
interface Draft {
  readonly id: string;
  readonly title: string;
  readonly place: LinePlace;
  readers: number;
  readonly steps: ScenarioStep[];
  readonly expectations: Expectation[];
}

/**
 * Reads a text that has exactly one scenario.
 *
 * @param name names the text in complaints, such as that of its file; default `scenario`
 * @throws StreamError `invalid-option`: `name:line: expected …, found …`
 */
export function parseScenario(text: string, name = "scenario"): Scenario {
  const [scenario, second] = parseScenarios(text, name);
  if (scenario !== undefined && second === undefined) return scenario;
  throw new StreamError(`${name}: expected one scenario, found ${second ? "several" : "none"}.`, {
    code: "invalid-option",
    fault: "local",
  });
}

/** Reads a text that has any number of scenarios, one after the other; otherwise like `parseScenario`. */
export function parseScenarios(text: string, name = "scenario"): readonly Scenario[] {
  const drafts: Draft[] = [];
  text.split(/\r?\n/).forEach((line, at) => {
    readLine(drafts, line, { name, line: at + 1 });
  });
  return drafts.map(finish);
}

/** Reads one line that is a step, such as `fault reset`. Throws as `parseScenario` does. */
export function parseStep(text: string): ScenarioStep {
  const words = new Words(text, { name: "step", line: 1 });
  const step = takeStep(words);
  words.end();
  return step;
}

function readLine(drafts: Draft[], line: string, place: LinePlace): void {
  const title = /^\s*scenario\s+(\S+?):\s*(.*?)\s*(?:\s#.*)?$/.exec(line);
  if (title !== null) {
    const [, id = "", text = ""] = title;
    const other = drafts.find((each) => each.id === id);
    if (other !== undefined) {
      throw syntaxError(place, `an id that line ${other.place.line} does not have`, `"${id}"`);
    }
    drafts.push({ id, title: text, place, readers: 1, steps: [], expectations: [] });
    return;
  }
  const words = new Words(line, place);
  if (words.isEmpty) return;
  const draft = drafts.at(-1);
  if (draft === undefined) throw words.error('a first line such as "scenario 2a: a title"');
  readStatement(draft, words);
  words.end();
}

function readStatement(draft: Draft, words: Words): void {
  if (words.takeIf("expect")) {
    draft.expectations.push(...takeExpectations(words));
  } else if (words.takeIf("readers")) {
    draft.readers = takeReaders(draft, words);
  } else {
    draft.steps.push(takeStep(words));
  }
}

function takeStep(words: Words): ScenarioStep {
  const step = STEPS.get(words.next ?? "");
  if (step === undefined) {
    throw words.error(oneOf([...STEPS.keys(), "readers", "expect", "scenario <id>: <title>"]));
  }
  words.take("a step");
  return step(words);
}

function takeReaders({ steps }: Draft, words: Words): number {
  if (steps.length > 0) throw words.error('"readers" before the first step');
  const next = Number(words.next);
  if (!(next >= 1 && next <= MOST_READERS)) {
    throw words.error(`a number of readers from 1 to ${MOST_READERS}`);
  }
  return takeCount(words);
}

function finish({ id, title, place, readers, steps, expectations }: Draft): Scenario {
  if (expectations.length === 0) {
    throw syntaxError(place, 'at least one line "expect …"', `none in scenario ${id}`);
  }
  if (steps.filter(({ kind }) => kind === "open").length > 1) {
    throw syntaxError(place, '"open" once', `it twice in scenario ${id}`);
  }
  return { id, title, readers, steps, expectations };
}
