// One run of a scenario on the real network: plays it, measures from outside, and judges.

import { StreamError } from "throughline/core";
import type { ProxyStatistics } from "../fault-proxy/index.js";
import {
  MARK_EVERY_MS,
  measureRecovery,
  needsDelivery,
  type Random,
  type ReaderMeasures,
  restWithinMs,
  type Scenario,
  type ScenarioVerdict,
  verdictOf,
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
  /** Milliseconds until readers that connect have to be live, and a fault to have struck. Default 15,000. */
  readonly readyWithinMs?: number | undefined;
  /**
   * Milliseconds after which a run is over that has not healed. Default 15,000, and always as long as the scenario gives
   * it to heal.
   */
  readonly restWithinMs?: number | undefined;
  /** Starts what is to stand between the fault proxy and the readers. Default: nothing. */
  readonly startFront?: ((upstreamPort: number) => Promise<Front>) | undefined;
}

/** A reader that is not live by then will not be. */
const READY_WITHIN_MS = 15_000;

/** What is told of a request may come after what the request has brought: a browser tells of it in its own time. */
const TOLD_WITHIN_MS = 2000;

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
  options: RunOptions,
): Promise<ScenarioVerdict> {
  const { readers, steps } = scenario;
  const { client, stream = crypto.randomUUID(), random = Math.random, startFront } = options;
  const { readyWithinMs = READY_WITHIN_MS } = options;
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
    await playScenario(scenario, { stage, random, readyWithinMs });
    stage.lookAtFault();
    const { struckMs, usableMs } = stage.path;
    await comeToRest(scenario, stage, restWithinMs(scenario, options.restWithinMs));
    return sumUp(scenario, { client, stage, struckMs, usableMs });
  } finally {
    await stage.close();
  }
}

/**
 * Publishes until every reader has an event that is newer than the last change of the path, and then lets all that
 * was published arrive; or waits for the state that is expected.
 */
async function comeToRest(
  scenario: Scenario,
  stage: ScenarioStage,
  withinMs: number,
): Promise<void> {
  const { publisher, readers } = stage;
  const states = scenario.expectations.filter((each) => each.kind === "state");
  if (states.length > 0) {
    publisher.pause();
    const isThere = () =>
      states.every(({ state }) => readers.every((each) => each.states.at(-1)?.state === state));
    await becomesTrue(isThere, withinMs);
    return;
  }
  if (!needsDelivery(scenario)) return;
  const { usableMs } = stage.path;
  if (!publisher.isRunning) publisher.every(MARK_EVERY_MS);
  const haveAll = (hasAll: (reader: RecordedReader) => boolean) => () =>
    readers.every((reader) => hasAll(reader) || reader.isOver);
  const isHealed = (reader: RecordedReader) => stage.healedMs(reader, usableMs) !== undefined;
  const hasHealed = await becomesTrue(haveAll(isHealed), withinMs);
  publisher.pause();
  await publisher.settled();
  if (!hasHealed) return;
  const last = publisher.count - 1;
  await becomesTrue(
    haveAll(({ newest }) => newest >= last),
    withinMs,
  );
  const { struckMs } = stage.path;
  const isToldOf = ({ requestsMs }: RecordedReader) =>
    requestsMs.length === 0 || requestsMs.some((atMs) => atMs >= struckMs);
  if (expectsToBegin(scenario)) await becomesTrue(haveAll(isToldOf), TOLD_WITHIN_MS);
}

function expectsToBegin({ expectations }: Scenario): boolean {
  return expectations.some((each) => each.kind === "within" && each.what === "begin");
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
  return verdictOf(scenario, {
    client: client.name,
    readers,
    report: stage.checker.verdict(),
    published: stage.publisher.count,
  });
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
