// The conformance suite of logs: what `EventLog` promises, as cases that any test runner can run.

import { APPEND_CASES } from "./log-conformance/append-cases.js";
import type { LogCase } from "./log-conformance/case.js";
import { CONTENT_CASES } from "./log-conformance/content-cases.js";
import { GAP_CASES } from "./log-conformance/gap-cases.js";
import { ID_CASES } from "./log-conformance/id-cases.js";
import { LIFE_CASES } from "./log-conformance/life-cases.js";
import { type LogConformanceOptions, runCase } from "./log-conformance/log-fixture.js";
import { PRODUCER_CASES } from "./log-conformance/producer-cases.js";
import { READ_CASES } from "./log-conformance/read-cases.js";
import { SEEK_CASES } from "./log-conformance/seek-cases.js";
import { TAIL_CASES } from "./log-conformance/tail-cases.js";
import { TAIL_GAP_CASES } from "./log-conformance/tail-gap-cases.js";
import { TIME_CASES } from "./log-conformance/time-cases.js";

export type {
  LogConformanceOptions,
  LogSetup,
  LogUnderTest,
} from "./log-conformance/log-fixture.js";

/** One sentence about the behaviour of a log, and the program that finds out whether it is true. */
export interface ConformanceCase {
  /** The sentence. Unique in the suite. */
  readonly name: string;
  /** Makes a log, examines and disposes of it. Rejects with an `AssertionError` where it fails. */
  run(): Promise<void>;
}

const CASES: readonly LogCase[] = [
  ...APPEND_CASES,
  ...CONTENT_CASES,
  ...ID_CASES,
  ...PRODUCER_CASES,
  ...READ_CASES,
  ...SEEK_CASES,
  ...GAP_CASES,
  ...TAIL_CASES,
  ...TAIL_GAP_CASES,
  ...LIFE_CASES,
];

/**
 * The cases that every implementation of `EventLog` has to pass, for whatever test runner there is:
 *
 * ```ts
 * for (const { name, run } of logConformance({ createLog })) it(name, run);
 * ```
 *
 * Cases are independent of each other and may run in any order and at the same time. Each uses
 * streams with names of its own, so that logs over one shared store do not disturb each other.
 */
export function logConformance(options: LogConformanceOptions): readonly ConformanceCase[] {
  const cases = options.usesGivenClock === true ? [...CASES, ...TIME_CASES] : CASES;
  return cases.map((each) => ({ name: each.name, run: () => runCase(each, options) }));
}
