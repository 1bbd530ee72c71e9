// A sample of the matrix in Chromium.

import { bundledScenarios } from "@throughline/testkit";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type ClientPool, createClientPool } from "../src/clients/client-pool.js";
import { CLIENTS, type ClientKind } from "../src/clients/clients.js";
import { bundlePageScripts, type PageScripts } from "../src/clients/page-scripts.js";
import { runScenarioCell } from "../src/measure/scenario-run.js";
import { DIRECT } from "../src/paths/hub-path.js";
import type { OpenPath } from "../src/paths/path.js";

let scripts: PageScripts;
let pool: ClientPool;
let path: OpenPath;

beforeAll(async () => {
  scripts = await bundlePageScripts();
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

it("hears of a page that stands still, and whose it is", async () => {
  const standStill =
    "setTimeout(() => { for (const end = Date.now() + 300; Date.now() < end; ); }, 200);";
  const stalled: string[] = [];
  const stalling = createClientPool(scripts, (client) => stalled.push(client));
  const frameScript = `${scripts.frame}\n${standStill}`;
  const ownPath = await DIRECT.open({ frameScript });
  try {
    const url = new URL(ownPath.path("stall"), `http://127.0.0.1:${ownPath.upstream.port}`);
    const [kind] = inChromium.filter(({ isPromised }) => isPromised);
    if (kind === undefined) throw new Error("There is no drop-in in Chromium.");
    const ignore = () => {};
    const watch = { request: ignore, state: ignore, event: ignore, gap: ignore };
    const reader = await stalling.clientOf(kind).open(url.href, watch);
    await vi.waitFor(() => expect(stalled).toContain(kind.id), { timeout: 10_000 });
    await reader.close();
  } finally {
    await stalling.close();
    await ownPath.close();
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
