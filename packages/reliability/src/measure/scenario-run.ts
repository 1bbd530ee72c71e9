// One run of one scenario: a reader behind a fault proxy of its own, on a path that many share.

import {
  type RunOptions,
  runScenario,
  type Scenario,
  type ScenarioClient,
  type ScenarioVerdict,
  uniform,
} from "@throughline/testkit";
import { StreamError } from "throughline/core";
import type { ClientKind } from "../clients/clients.js";
import { slowedDown } from "../faults/scenario-faults.js";
import type { OpenPath, PathKind } from "../paths/path.js";
import type { RunResult } from "./result.js";

/** What nobody is promised need not be waited for as long. */
const OTHERS_WITHIN_MS = 8000;

/** Over HTTP/2 a browser goes on with a dead connection until it gives that up by itself: how long that takes is measured. */
const ENCRYPTED_WITHIN_MS = 90_000;

/** Everything that a run depends on. */
export interface ScenarioCell {
  readonly scenario: Scenario;
  readonly kind: ClientKind;
  readonly client: ScenarioClient;
  readonly pathKind: PathKind;
  readonly path: OpenPath;
  /** Number of the run in its cell, from 1. */
  readonly run: number;
  readonly seed: number;
}

/**
 * Plays it once. Rejects as `runScenario` does, but not where a client that nothing is promised for does not do what
 * a scenario waits for, such as to ask again: that is what there is to see of it.
 */
export async function runScenarioCell(cell: ScenarioCell): Promise<RunResult> {
  const { scenario, kind, pathKind } = cell;
  const where = { fault: scenario.id, client: kind.id, path: pathKind.id };
  try {
    const verdict = await play(cell);
    const { detectMs, beginMs, healMs, lost, repeated, reordered, requests, published } = verdict;
    const times = { detectMs: detectMs ?? null, beginMs: beginMs ?? null, healMs: healMs ?? null };
    const counts = { lost, repeated, reordered, requests, published };
    return { ...where, ...times, ...counts, broken: kind.isPromised ? verdict.broken : [] };
  } catch (error) {
    if (kind.isPromised || !(error instanceof StreamError) || error.code !== "timeout") throw error;
    const times = { detectMs: null, beginMs: null, healMs: null };
    const counts = { lost: 0, repeated: 0, reordered: 0, requests: 0, published: 0 };
    return { ...where, ...times, ...counts, broken: [] };
  }
}

function play(cell: ScenarioCell): Promise<ScenarioVerdict> {
  const { scenario, kind, client, pathKind, path, run, seed } = cell;
  const name = `${scenario.id}-${kind.id}-${run}`;
  return runScenario(slowedDown(scenario, path.leastGapMs ?? 0), {
    client: pathKind.isEncrypted ? overTls(client) : client,
    server: path,
    stream: `${name}-${crypto.randomUUID().slice(0, 8)}`,
    random: uniform(seed + hash(`${name}-${pathKind.id}`)),
    ...patience(cell),
  });
}

function patience({
  kind,
  pathKind,
}: ScenarioCell): Pick<RunOptions, "readyWithinMs" | "restWithinMs"> {
  if (!kind.isPromised) return { readyWithinMs: OTHERS_WITHIN_MS, restWithinMs: OTHERS_WITHIN_MS };
  return pathKind.isEncrypted ? { restWithinMs: ENCRYPTED_WITHIN_MS } : {};
}

/** The address of a stream is that of the proxy, which does not know that there is TLS behind it. */
function overTls(client: ScenarioClient): ScenarioClient {
  return {
    ...client,
    open: (url, watch) => client.open(url.replace(/^http:/, "https:"), watch),
  };
}

/** A number for a text, so that what is drawn for one run does not depend on the others (FNV-1a). */
export function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}
