// Every bundled scenario on virtual time. That its verdict is the one of the real network holds
// scenarios.net.test.ts, beside this.

import { describe, expect, it } from "vitest";
import { bundledScenarios, parseScenario } from "../../src/scenario/index.js";
import { simulateScenario, unsimulated } from "../../src/simulation/scenario/simulate-scenario.js";

const all = bundledScenarios();

describe("on virtual time the drop-in does what is expected of it in scenario", () => {
  it.each(all.filter((scenario) => unsimulated(scenario) === undefined))(
    "$id: $title",
    async (scenario) => {
      const verdict = await simulateScenario(scenario, { seed: 1 });
      expect(verdict.broken, JSON.stringify(verdict)).toEqual([]);
    },
    60_000,
  );
});

describe("a simulated scenario", () => {
  it("has one verdict for one seed, and draws its waits from it", async () => {
    const scenario = parseScenario(`
      scenario 1: a reset
      publish every 50 ms
      wait 300..1000 ms
      fault reset
      expect every promise
    `);
    const first = await simulateScenario(scenario, { seed: 7 });
    expect(await simulateScenario(scenario, { seed: 7 })).toEqual(first);
    expect(await simulateScenario(scenario, { seed: 8 })).not.toEqual(first);
  });

  it("is refused where a fault is of bytes that are not simulated", async () => {
    const left = all.filter((scenario) => unsimulated(scenario) !== undefined);
    expect(left.map(({ id }) => id)).toEqual(["6i", "12a", "12b", "12c"]);
    for (const scenario of left) {
      await expect(simulateScenario(scenario, { seed: 1 })).rejects.toThrow("is not simulated");
    }
  });

  it("breaks what cannot be kept, and says what", async () => {
    const scenario = parseScenario(`
      scenario 2: a wait that nobody can keep
      publish every 50 ms
      wait 300 ms
      fault reset
      fault http-error status=503 retryAfter=3 times=1
      wait until struck
      expect heal within 1 s
      expect at most 1 request
    `);
    const { broken, healMs } = await simulateScenario(scenario, { seed: 1 });
    expect(healMs).toBeGreaterThan(1000);
    expect(broken.map((sentence) => sentence.replace(/\d+/g, "n"))).toEqual([
      "it healed after n ms, at most n expected",
      "n requests were made, at most n expected",
    ]);
  });
});
