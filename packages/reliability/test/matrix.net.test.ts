// A sample of the matrix in Node: processes that are killed, and packets that vanish in each direction.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uniform } from "@throughline/testkit";
import { describe, it, type TestContext } from "vitest";
import { openBlackholePath } from "../src/blackhole/blackhole-path.js";
import { namespacesMissing } from "../src/blackhole/namespaces.js";
import { createClientPool } from "../src/clients/client-pool.js";
import { CLIENTS } from "../src/clients/clients.js";
import { BLACKHOLE_BLOWS } from "../src/faults/blackhole-blows.js";
import type { Blow } from "../src/faults/blow.js";
import { PROCESS_BLOWS } from "../src/faults/process-blows.js";
import { runBlow } from "../src/measure/blow-run.js";
import { BEHIND_PROXIES, DIRECT } from "../src/paths/hub-path.js";
import type { OpenPath, PathKind } from "../src/paths/path.js";

const READERS = 4;

const pool = createClientPool({ stage: "", frame: "" }, () => {});
const dropIn = CLIENTS.filter(({ id }) => id === "drop-in-node");
const readers = dropIn.flatMap((kind) =>
  Array.from({ length: READERS }, () => ({ kind, client: pool.clientOf(kind) })),
);

function blowNamed(blows: readonly Blow[], id: string): Blow {
  const found = blows.find((blow) => blow.id === id);
  if (found === undefined) throw new Error(`There is no blow ${id}.`);
  return found;
}

async function openWithLog(kind: PathKind, { onTestFinished }: TestContext): Promise<OpenPath> {
  const directory = await mkdtemp(join(tmpdir(), "throughline-matrix-"));
  const path = await kind.open({ frameScript: "", directory });
  onTestFinished(async () => {
    await path.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return path;
}

describe("the drop-in keeps every promise when", { concurrent: true }, () => {
  it("the hub is killed and started again", { timeout: 60_000 }, async (context) => {
    const { expect } = context;
    const path = await openWithLog(DIRECT, context);
    const blow = blowNamed(PROCESS_BLOWS, "22-hub-later");
    const cell = { blow, pathKind: DIRECT, path, network: undefined, readers };
    const results = await runBlow({ ...cell, random: uniform(1) });
    expect(results).toHaveLength(READERS);
    for (const result of results) {
      expect(result.broken, JSON.stringify(result)).toEqual([]);
      expect(result.requests).toBeGreaterThan(0);
    }
  });

  const nginx = BEHIND_PROXIES.filter(({ id }) => id === "nginx");

  // Only a machine that has the program can run it; `npm test` installs it where it can.
  it.skipIf(nginx.some((kind) => kind.missing() !== undefined))(
    "nginx is killed and started again",
    { timeout: 60_000 },
    async (context) => {
      const { expect } = context;
      for (const pathKind of nginx) {
        const path = await openWithLog(pathKind, context);
        const blow = blowNamed(PROCESS_BLOWS, "6-proxy-later");
        const results = await runBlow({
          ...{ blow, pathKind, path, network: undefined, readers },
          random: uniform(1),
        });
        for (const result of results) expect(result.broken, JSON.stringify(result)).toEqual([]);
      }
    },
  );
});

const missing = await namespacesMissing();
if (missing !== undefined) process.stderr.write(`\n!!! BLACKHOLE TESTS SKIPPED: ${missing}\n`);

// A network needs rights that not everybody has; why they are missing stands on standard error.
describe.skipIf(missing !== undefined)(
  "in a network in which packets vanish",
  { concurrent: true },
  () => {
    it.for(["2-packets-both-idle", "2-packets-down", "2-packets-up"])(
      "the drop-in keeps every promise: %s",
      { timeout: 60_000 },
      async (id, { expect, onTestFinished }) => {
        const path = await DIRECT.open({ frameScript: "" });
        onTestFinished(() => path.close());
        const network = await openBlackholePath({ port: path.upstream.port, addresses: READERS });
        onTestFinished(() => network.close());
        const blow = blowNamed(BLACKHOLE_BLOWS, id);
        const results = await runBlow({
          ...{ blow, pathKind: DIRECT, path, network, readers },
          random: uniform(3),
        });
        expect(results).toHaveLength(READERS);
        for (const result of results) expect(result.broken, JSON.stringify(result)).toEqual([]);
        // An outage of seconds is not slept through.
        expect(results.some(({ requests }) => requests > 0)).toBe(true);
      },
    );

    it("blocks what it is told to and nothing else, and is gone when it is closed", async ({
      expect,
      onTestFinished,
    }) => {
      const path = await DIRECT.open({ frameScript: "" });
      onTestFinished(() => path.close());
      const network = await openBlackholePath({ port: path.upstream.port, addresses: 2 });
      const [blocked = "", other = ""] = network.addresses;
      const answers = async (address: string) => {
        const url = `http://${address}:${network.port}/readyz`;
        const signal = AbortSignal.timeout(1500);
        return fetch(url, { signal, headers: { connection: "close" } }).then(
          ({ ok }) => ok,
          () => false,
        );
      };
      expect(await answers(blocked)).toBe(true);
      await network.block(blocked, "down");
      expect(await Promise.all([answers(blocked), answers(other)])).toEqual([false, true]);
      await network.unblock(blocked);
      expect(await answers(blocked)).toBe(true);
      await expect(network.block("nobody", "down")).rejects.toThrow(
        /^The router has refused: .*nobody/,
      );
      await network.close();
      expect(await answers(other)).toBe(false);
      await expect(network.block(other, "down")).rejects.toThrow("it has ended");
    });
  },
);
