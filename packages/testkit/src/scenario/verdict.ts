// What one run of a scenario showed, wherever it was played.

import type { DeliveryReport } from "../checkers/index.js";
import { judgeScenario, type ReaderMeasures, type ScenarioMeasures } from "./judge.js";
import type { Expectation, Scenario } from "./scenario.js";

/** What one run showed, and what of it was not as expected. */
export interface ScenarioVerdict extends ScenarioMeasures {
  readonly scenario: string;
  readonly client: string;
  /** The worst of all readers; `undefined` where one never did it. */
  readonly detectMs: number | undefined;
  readonly beginMs: number | undefined;
  readonly healMs: number | undefined;
  /** Events that were sent to be published. */
  readonly published: number;
  /** Requests of all readers from the strike on. */
  readonly requests: number;
  /** Gaps that all readers were told. */
  readonly gaps: number;
  /** The expectations that were broken, as sentences without a full stop. */
  readonly broken: readonly string[];
}

/** What was seen in a run. */
export interface ScenarioSightings {
  readonly client: string;
  readonly readers: readonly ReaderMeasures[];
  readonly report: DeliveryReport;
  readonly published: number;
}

/** How often an event is published at the end of a run, until all have healed. Milliseconds. */
export const MARK_EVERY_MS = 50;

const NEED_DELIVERY: ReadonlySet<Expectation["kind"]> = new Set(["within", "nothing", "gap"]);

/** Milliseconds that a run is given to come to rest where nothing else is said. */
const REST_WITHIN_MS = 15_000;

/** What a run may need beyond the longest time that it is expected to heal in. Milliseconds. */
const REST_BEYOND_MS = 2000;

/** How long a run may take to come to rest: at least as long as it is given to heal. */
export function restWithinMs({ expectations }: Scenario, asked = REST_WITHIN_MS): number {
  const heal = expectations.map((each) =>
    each.kind === "within" && each.what === "heal" ? each.ms + REST_BEYOND_MS : 0,
  );
  return Math.max(asked, ...heal);
}

/** Whether anything is expected that cannot be judged before all has arrived. */
export function needsDelivery({ expectations }: Scenario): boolean {
  return expectations.some(({ kind }) => NEED_DELIVERY.has(kind));
}

/** Judges what was seen. */
export function verdictOf(
  scenario: Scenario,
  { client, readers, report, published }: ScenarioSightings,
): ScenarioVerdict {
  const measures = { readers, ...countFaults(report) };
  const sum = (of: (reader: ReaderMeasures) => number) =>
    readers.reduce((total, reader) => total + of(reader), 0);
  return {
    scenario: scenario.id,
    client,
    detectMs: worst(readers.map(({ detectMs }) => detectMs)),
    beginMs: worst(readers.map(({ beginMs }) => beginMs)),
    healMs: worst(readers.map(({ healMs }) => healMs)),
    ...measures,
    published,
    requests: sum((one) => one.requestsMs.filter((atMs) => atMs >= one.struckMs).length),
    gaps: sum(({ gaps }) => gaps.length),
    broken: judgeScenario(scenario, measures),
  };
}

function worst(times: readonly (number | undefined)[]): number | undefined {
  return times.includes(undefined) ? undefined : Math.max(...times.map((time) => time ?? 0));
}

function countFaults(report: DeliveryReport): Omit<ScenarioMeasures, "readers"> {
  const { lost, repeated, reordered, unknown, unwanted, falseGaps, conflicts } = report;
  return {
    lost: lost.length,
    repeated: repeated.length,
    reordered: reordered.length,
    invented: unknown.length + unwanted.length + falseGaps.length + conflicts.length,
  };
}
