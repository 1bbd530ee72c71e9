// One run of a scenario on the real network: plays it, measures from outside, and judges.

import { StreamError } from "throughline/core";
import type { DeliveryReport } from "../checkers/index.js";
import type { ProxyStatistics } from "../fault-proxy/index.js";
import {
  type Expectation,
  judgeScenario,
  measureRecovery,
  type Random,
  type ReaderMeasures,
  type Scenario,
  type ScenarioMeasures,
} from "../scenario/index.js";
import { playScenario } from "./play-steps.js";
import { becomesTrue, type RecordedReader } from "./recorded-reader.js";
import type { ScenarioClient } from "./scenario-client.js";
import { type ScenarioServer, startHubServer } from "./scenario-server.js";
import { type Front, ScenarioStage } from "./scenario-stage.js";

/** Who plays, and where. */
export interface RunOptions {
  readonly client: ScenarioClient;
  /** Default: a hub over a memory log, for this run alone. One that is given stays open. */
  readonly server?: ScenarioServer | undefined;
  /** Names the stream, and has to be new to the server. Default: random. */
  readonly stream?: string | undefined;
  /** Draws the waits. Default `Math.random`. */
  readonly random?: Random | undefined;
  /** Starts what is to stand between the fault proxy and the readers. Default: nothing. */
  readonly startFront?: ((upstreamPort: number) => Promise<Front>) | undefined;
}

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

/** A run that has not come to rest by then is over. */
const REST_WITHIN_MS = 15_000;

/** What cannot be judged before everything has arrived. */
const NEED_DELIVERY: ReadonlySet<Expectation["kind"]> = new Set(["within", "nothing", "gap"]);

/** How often an event is published at the end, until all have healed. */
const MARK_EVERY_MS = 50;

/**
 * Why a scenario cannot be played with this client against that server; `undefined` where it can.
 */
export function unplayable(
  { steps }: Scenario,
  { client, server }: Pick<RunOptions, "client" | "server">,
): string | undefined {
  if (!client.canDetour && steps.some(({ kind }) => kind === "detour")) {
    return `the requests of "${client.name}" cannot be sent astray`;
  }
  for (const step of steps) {
    if (step.kind === "hub" && server?.actions.includes(step.action) === false) {
      return `the server cannot do "hub ${step.action}"`;
    }
  }
  return undefined;
}

/**
 * Plays a scenario once.
 *
 * @throws StreamError `invalid-option` where it cannot be played ({@link unplayable}); `timeout` where a step waits
 *   in vain, such as for readers that never become live
 */
export async function runScenario(
  scenario: Scenario,
  options: RunOptions,
): Promise<ScenarioVerdict> {
  const reason = unplayable(scenario, options);
  if (reason !== undefined) {
    throw new StreamError(`Scenario ${scenario.id}: ${reason}.`, {
      code: "invalid-option",
      fault: "local",
    });
  }
  const server = options.server ?? (await startHubServer());
  try {
    return await runOn(server, scenario, options);
  } finally {
    if (options.server === undefined) await server.close();
  }
}

async function runOn(
  server: ScenarioServer,
  scenario: Scenario,
  { client, stream = crypto.randomUUID(), random = Math.random, startFront }: RunOptions,
): Promise<ScenarioVerdict> {
  const { readers, steps } = scenario;
  const isWiped = steps.some((step) => step.kind === "hub" && step.action === "wipe");
  const hasOffsets = server.countsOffsets && !isWiped;
  const stage = await ScenarioStage.set({
    client,
    server,
    stream,
    readers,
    hasOffsets,
    startFront,
  });
  try {
    await playScenario(scenario, stage, random);
    stage.lookAtFault();
    const { struckMs, usableMs } = stage.path;
    await comeToRest(scenario, stage);
    return sumUp(scenario, { client, stage, struckMs, usableMs });
  } finally {
    await stage.close();
  }
}

/**
 * Publishes until every reader has an event that is newer than the last change of the path, and then lets all that
 * was published arrive; or waits for the state that is expected.
 */
async function comeToRest({ expectations }: Scenario, stage: ScenarioStage): Promise<void> {
  const { publisher, readers } = stage;
  const states = expectations.filter((each) => each.kind === "state");
  if (states.length > 0) {
    publisher.pause();
    const isThere = () =>
      states.every(({ state }) => readers.every((each) => each.states.at(-1)?.state === state));
    await becomesTrue(isThere, REST_WITHIN_MS);
    return;
  }
  if (!expectations.some(({ kind }) => NEED_DELIVERY.has(kind))) return;
  const { usableMs } = stage.path;
  if (!publisher.isRunning) publisher.every(MARK_EVERY_MS);
  const isHealed = () => readers.every((each) => stage.healedMs(each, usableMs) !== undefined);
  const hasHealed = await becomesTrue(isHealed, REST_WITHIN_MS);
  publisher.pause();
  await publisher.settled();
  if (!hasHealed) return;
  const last = publisher.count - 1;
  await becomesTrue(() => readers.every(({ newest }) => newest >= last), REST_WITHIN_MS);
}

interface Outcome {
  readonly client: ScenarioClient;
  readonly stage: ScenarioStage;
  readonly struckMs: number;
  readonly usableMs: number;
}

function sumUp(scenario: Scenario, outcome: Outcome): ScenarioVerdict {
  const { client, stage, struckMs, usableMs } = outcome;
  if (stage.isOwnTraffic) stage.inferPublished();
  const statistics = stage.proxy.statistics;
  const readers = stage.readers.map((reader): ReaderMeasures => {
    const requestsMs =
      reader.requestsMs.length > 0 ? reader.requestsMs : requestsSeen(statistics, stage.readers);
    const { states, gaps } = reader;
    const healedMs = stage.healedMs(reader, usableMs);
    const times = measureRecovery({ struckMs, usableMs, requestsMs, states, healedMs });
    return { ...times, requestsMs, states, gaps };
  });
  const measures = { readers, ...count(stage.checker.verdict()) };
  return {
    scenario: scenario.id,
    client: client.name,
    detectMs: worst(readers.map(({ detectMs }) => detectMs)),
    beginMs: worst(readers.map(({ beginMs }) => beginMs)),
    healMs: worst(readers.map(({ healMs }) => healMs)),
    ...measures,
    published: stage.publisher.count,
    requests: readers.reduce(
      (sum, { requestsMs, struckMs }) => sum + requestsMs.filter((atMs) => atMs >= struckMs).length,
      0,
    ),
    gaps: readers.reduce((sum, { gaps }) => sum + gaps.length, 0),
    broken: judgeScenario(scenario, measures),
  };
}

/**
 * What the proxy saw of a client that does not say when it asks: requests, and connections on which none came. Whose
 * they were it does not know, so that this is for a single reader; nor does it see what is refused.
 */
function requestsSeen(
  { requestHeads, connectionAttempts }: ProxyStatistics,
  readers: readonly RecordedReader[],
): readonly number[] {
  if (readers.length > 1) return [];
  const heads = requestHeads.filter(({ method }) => method === "GET");
  const used = new Set(requestHeads.map(({ connection }) => connection));
  const unused = connectionAttempts.filter(({ connection }) => !used.has(connection));
  return [...heads.map(({ begunAtMs }) => begunAtMs), ...unused.map(({ atMs }) => atMs)].sort(
    (a, b) => a - b,
  );
}

function worst(times: readonly (number | undefined)[]): number | undefined {
  return times.includes(undefined) ? undefined : Math.max(...times.map((time) => time ?? 0));
}

function count(report: DeliveryReport): Omit<ScenarioMeasures, "readers"> {
  const { lost, repeated, reordered, unknown, unwanted, falseGaps, conflicts } = report;
  return {
    lost: lost.length,
    repeated: repeated.length,
    reordered: reordered.length,
    invented: unknown.length + unwanted.length + falseGaps.length + conflicts.length,
  };
}
