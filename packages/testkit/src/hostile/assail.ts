// Attacks a server for some time, over several connections at once, and counts what it answers.

import { ATTACKS, type Attack } from "./attack.js";
import { Choices } from "./random.js";
import { judge, strike, type Victim } from "./strike.js";

/** How long and how hard. */
export interface AssailOptions {
  /** Everything follows from it. Default 1. */
  readonly seed?: number | undefined;
  /** Attacks to make. Default 1000. */
  readonly attacks?: number | undefined;
  /** Milliseconds after which no more attacks are made. Default one minute. */
  readonly withinMs?: number | undefined;
  /** Connections at a time. Default 20. */
  readonly lanes?: number | undefined;
}

/** What came of it. */
export interface AssailReport {
  readonly attacks: number;
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Attacks after which the connection was closed or silent without an answer. */
  readonly unanswered: number;
  /** What should not have been answered so; the first hundred. */
  readonly findings: readonly string[];
}

/** Most findings that are kept: one is enough to fail. */
const MOST_FINDINGS = 100;

/** Attacks a server in every way there is, over and over, each time a little differently. */
export async function assail(victim: Victim, options: AssailOptions = {}): Promise<AssailReport> {
  const { seed = 1, attacks = 1000, withinMs = 60_000, lanes = 20 } = options;
  const endMs = performance.now() + withinMs;
  const statuses: Record<number, number> = {};
  const findings: string[] = [];
  let begun = 0;
  let unanswered = 0;
  const lane = async () => {
    while (begun < attacks && performance.now() < endMs) {
      const attack = attackOf(seed, begun);
      begun += 1;
      const answers = await strike(victim, attack);
      if (answers.length === 0) unanswered += 1;
      for (const status of answers) statuses[status] = (statuses[status] ?? 0) + 1;
      const finding = judge(attack, answers);
      if (finding !== undefined && findings.length < MOST_FINDINGS) findings.push(finding);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { attacks: begun, statuses, unanswered, findings };
}

/** The attack with a number: every kind in turn. */
function attackOf(seed: number, number: number): Attack {
  const kinds = Object.entries(ATTACKS);
  const [name, make] = kinds[number % kinds.length] ?? kinds[0] ?? [];
  if (name === undefined || make === undefined) throw new Error("There are no attacks.");
  return { name, ...make(new Choices(seed * 1_000_003 + number)) };
}
