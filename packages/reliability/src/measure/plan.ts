// What is played how often: everything where it says most, and every cell of the matrix at least once.

import type { Scenario } from "@throughline/testkit";
import { CLIENTS, type ClientKind } from "../clients/clients.js";
import { BLACKHOLE_BLOWS } from "../faults/blackhole-blows.js";
import type { Blow } from "../faults/blow.js";
import { PROCESS_BLOWS } from "../faults/process-blows.js";
import { isPlayable, scenarioFaults } from "../faults/scenario-faults.js";
import type { PathKind } from "../paths/path.js";
import { PATHS } from "../paths/paths.js";

/** What is asked for. Lists are beginnings of ids; an empty one means all. */
export interface PlanRequest {
  readonly faults: readonly string[];
  readonly clients: readonly string[];
  readonly paths: readonly string[];
  /** Runs of the drop-in for each scenario on the direct path; everything else follows from that. */
  readonly runs: number;
  readonly seed: number;
  /** Readers that play scenarios at a time, in all places together. */
  readonly parallel: number;
}

/** The cells of one scenario. */
export interface ScenarioPlan {
  readonly scenario: Scenario;
  readonly kind: ClientKind;
  readonly pathKind: PathKind;
  readonly runs: number;
}

/** Everything that is to be done. */
export interface Plan {
  readonly scenarios: readonly ScenarioPlan[];
  readonly blows: readonly Blow[];
  readonly clients: readonly ClientKind[];
  readonly paths: readonly PathKind[];
  /** How often each blow is dealt on each path. */
  readonly rounds: number;
  readonly seed: number;
  readonly parallel: number;
}

/** The drop-in elsewhere, and others on the direct path, have so many times fewer runs. */
const FEWER = 4;

/**
 * Makes the plan.
 *
 * @throws when something that was asked for does not exist
 */
export function makePlan({ runs, seed, parallel, ...asked }: PlanRequest): Plan {
  const clients = choose("client", CLIENTS, asked.clients);
  const paths = choose("path", PATHS, asked.paths);
  const scenarios = scenarioFaults();
  const faults = choose(
    "only",
    [...scenarios, ...PROCESS_BLOWS, ...BLACKHOLE_BLOWS].map(({ id }) => ({ id })),
    asked.faults,
  );
  const isAsked = ({ id }: { readonly id: string }) => faults.some((fault) => fault.id === id);
  const fewer = Math.max(1, Math.round(runs / FEWER));
  return {
    scenarios: scenarios.filter(isAsked).flatMap((scenario) =>
      paths.flatMap((pathKind) =>
        clients
          .filter((kind) => isPlayable(scenario, kind, pathKind))
          .map((kind) => {
            const isDirect = pathKind.id === "direct";
            const often = kind.isPromised && isDirect ? runs : 1;
            const sometimes = kind.isPromised || isDirect ? fewer : 1;
            return { scenario, kind, pathKind, runs: Math.max(often, sometimes) };
          }),
      ),
    ),
    blows: [...PROCESS_BLOWS, ...BLACKHOLE_BLOWS].filter(isAsked),
    clients,
    paths,
    rounds: fewer,
    seed,
    parallel,
  };
}

/** Whether an id begins with a word, and a number with the whole of it: `1` means `1a` and not `10a`. */
function begins(id: string, word: string): boolean {
  return id.startsWith(word) && !(/\d$/.test(word) && /^\d/.test(id.slice(word.length)));
}

/** Those whose id begins with one of the words; all where there are none. */
function choose<Kind extends { readonly id: string }>(
  option: string,
  kinds: readonly Kind[],
  words: readonly string[],
): readonly Kind[] {
  if (words.length === 0) return kinds;
  for (const word of words) {
    if (kinds.some(({ id }) => begins(id, word))) continue;
    const known = kinds.map(({ id }) => id).join(", ");
    throw new Error(`--${option} ${word}: nothing begins with that. There are ${known}.`);
  }
  return kinds.filter(({ id }) => words.some((word) => begins(id, word)));
}
