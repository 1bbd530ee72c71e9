// The conformance suite of servers of event streams, as cases that any test runner can run.

import type { ConformanceCase } from "./log-conformance.js";
import { ANSWER_CASES } from "./server-conformance/answer-cases.js";
import { DELIVERY_CASES } from "./server-conformance/delivery-cases.js";
import { GREETING_CASES } from "./server-conformance/greeting-cases.js";
import { POSITION_CASES } from "./server-conformance/position-cases.js";
import {
  type ServerCase,
  type ServerConformanceOptions,
  ServerFixture,
  type ServerLevel,
} from "./server-conformance/server-fixture.js";

export type {
  ServerAbility,
  ServerConformanceOptions,
  ServerLevel,
  ServerUnderTest,
} from "./server-conformance/server-fixture.js";

/** A sentence about a server, with what it rests on. */
export interface ServerConformanceCase extends ConformanceCase {
  readonly level: ServerLevel;
  /** Where it is written: a standard, a section of PROTOCOL.md, or the reason. */
  readonly reference: string;
}

const CASES: readonly ServerCase[] = [
  ...ANSWER_CASES,
  ...DELIVERY_CASES,
  ...GREETING_CASES,
  ...POSITION_CASES,
];

/**
 * The cases that a server of event streams has to pass, for whatever test runner there is:
 *
 * ```ts
 * for (const { name, run } of serverConformance({ createServer })) it(name, run);
 * ```
 *
 * Cases are independent of each other and may run in any order and at the same time, each on a stream of its own.
 */
export function serverConformance(
  options: ServerConformanceOptions,
): readonly ServerConformanceCase[] {
  const { level = "standard", abilities = [] } = options;
  return CASES.filter((each) => level === "throughline" || each.level === "standard")
    .filter(({ needs = [] }) => needs.every((need) => abilities.includes(need)))
    .map((each) => ({
      name: each.name,
      level: each.level,
      reference: each.reference,
      run: () => runCase(each, options),
    }));
}

async function runCase(each: ServerCase, options: ServerConformanceOptions): Promise<void> {
  const fixture = new ServerFixture(await options.createServer(), options);
  try {
    await each.run(fixture);
  } finally {
    await fixture.dispose();
  }
}
