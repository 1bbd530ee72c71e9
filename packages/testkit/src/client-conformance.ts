// The conformance suite of clients, as cases that any test runner can run.

import {
  type ClientCase,
  type ClientConformanceOptions,
  ClientFixture,
  type ClientLevel,
} from "./client-conformance/client-fixture.js";
import { READING_CASES } from "./client-conformance/reading-cases.js";
import { RESILIENCE_CASES } from "./client-conformance/resilience-cases.js";
import { RETURNING_CASES } from "./client-conformance/returning-cases.js";
import type { ConformanceCase } from "./log-conformance.js";

export type {
  ClientConformanceOptions,
  ClientLevel,
  OpenClient,
  ReceivedEvent,
} from "./client-conformance/client-fixture.js";

/** A sentence about a client, with what it rests on. */
export interface ClientConformanceCase extends ConformanceCase {
  readonly level: ClientLevel;
  /** Where it is written: a standard, a section of PROTOCOL.md, or a scenario of the package. */
  readonly reference: string;
}

const CASES: readonly ClientCase[] = [...READING_CASES, ...RETURNING_CASES, ...RESILIENCE_CASES];

/**
 * The cases that a client of event streams has to pass, for whatever test runner there is:
 *
 * ```ts
 * for (const { name, run } of clientConformance({ open })) it(name, run);
 * ```
 *
 * Each has a server of its own on loopback. They may run in any order and at the same time; some take as long as it
 * takes to see that a client does not come back, six seconds.
 */
export function clientConformance(
  options: ClientConformanceOptions,
): readonly ClientConformanceCase[] {
  const { level = "standard" } = options;
  return CASES.filter((each) => level === "resilient" || each.level === "standard").map(
    ({ name, level: own, reference, run }) => ({
      name,
      level: own,
      reference,
      run: () => runCase(run, options),
    }),
  );
}

async function runCase(run: ClientCase["run"], options: ClientConformanceOptions): Promise<void> {
  const fixture = await ClientFixture.create(options);
  try {
    await run(fixture);
  } finally {
    await fixture.dispose();
  }
}
