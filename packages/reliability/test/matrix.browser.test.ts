// A sample of the matrix in Chromium.

import { bundledScenarios } from "@throughline/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ClientPool, createClientPool } from "../src/clients/client-pool.js";
import { CLIENTS, type ClientKind } from "../src/clients/clients.js";
import { bundlePageScripts } from "../src/clients/page-scripts.js";
import { runScenarioCell } from "../src/measure/scenario-run.js";
import { DIRECT } from "../src/paths/hub-path.js";
import type { OpenPath } from "../src/paths/path.js";

let pool: ClientPool;
let path: OpenPath;

beforeAll(async () => {
  const scripts = await bundlePageScripts();
  pool = createClientPool(scripts, () => {});
  path = await DIRECT.open({ frameScript: scripts.frame });
});

afterAll(async () => {
  await pool.close();
  await path.close();
});

const inChromium = CLIENTS.filter(({ host }) => host === "chromium");

function play(kind: ClientKind, id: string, run: number) {
  const scenario = bundledScenarios().find((each) => each.id === id);
  if (scenario === undefined) throw new Error(`There is no scenario ${id}.`);
  const client = pool.clientOf(kind);
  return runScenarioCell({ scenario, kind, client, pathKind: DIRECT, path, run, seed: 1 });
}

it("lets the drop-in of a browser keep every promise, many readers at a time", async () => {
  const ids = ["1b", "2b", "2c", "3a", "4a", "5b-fin"];
  const runs = inChromium
    .filter(({ isPromised }) => isPromised)
    .flatMap((kind) => ids.flatMap((id) => [1, 2].map((run) => play(kind, id, run))));
  for (const result of await Promise.all(runs)) {
    expect(result.broken, JSON.stringify(result)).toEqual([]);
    expect(result.requests).toBeGreaterThan(0);
  }
}, 60_000);

it("measures the others alike, and promises nothing for them", async () => {
  const others = inChromium.filter(({ isPromised }) => !isPromised);
  const reset = await Promise.all(others.map((kind) => play(kind, "1b", 1)));
  for (const { healMs, requests, lost } of reset) {
    expect({ healed: healMs !== null, lost }).toEqual({ healed: true, lost: 0 });
    expect(requests).toBe(1);
  }
  const silenced = await Promise.all(others.map((kind) => play(kind, "2a", 1)));
  for (const { healMs, beginMs, broken } of silenced) {
    expect({ healMs, beginMs, broken }).toEqual({ healMs: null, beginMs: null, broken: [] });
  }
}, 60_000);
