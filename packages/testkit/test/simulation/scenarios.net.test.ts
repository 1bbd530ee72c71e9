// Keeps the simulator honest: one text is played on virtual time and on real sockets, and has to be judged alike.

import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { dropInClient, runScenario } from "../../src/network-run/index.js";
import {
  bundledScenarios,
  parseScenario,
  type Scenario,
  type ScenarioVerdict,
} from "../../src/scenario/index.js";
import { simulateScenario } from "../../src/simulation/scenario/simulate-scenario.js";

/** One of each sort: an ending, a silence, an outage, a cut, an answer, a refusal, a lost history. */
const COMPARED = ["1b", "2c", "4a", "5c-reset", "9e", "10g", "15a", "20a"];

/** Scenarios that no client could pass, so that verdicts of both kinds are compared. */
const HOPELESS = [
  parseScenario(`
    scenario 91: history is gone, and nobody is to say so
    publish every 50 ms
    wait 300..500 ms
    publish nothing
    wait until live
    fault reset
    fault refuse
    publish 10 events
    hub wipe
    fault pass
    expect heal within 5 s
    expect no gap
  `),
  parseScenario(`
    scenario 92: a pause that is too long for what is expected
    publish every 50 ms
    wait 300..500 ms
    fault reset
    fault http-error status=503 retryAfter=2 times=1
    wait until struck
    expect heal within 1 s
  `),
];

/** What has to be the same on both; times are not, but as far as they are promised. */
function essence({ broken, lost, repeated, reordered, invented, readers }: ScenarioVerdict) {
  const sentences = broken.map((sentence) => sentence.replace(/\d+/g, "n"));
  const ends = readers.map(({ states }) => [states.at(-1)?.state, states.at(-1)?.reason]);
  return { sentences, lost, repeated, reordered, invented, ends };
}

const compared = bundledScenarios().filter(({ id }) => COMPARED.includes(id));

describe("the verdict of the simulator is that of the real network in scenario", () => {
  it.each<Scenario>([...compared, ...HOPELESS])("$id: $title", async (scenario) => {
    const simulated = essence(await simulateScenario(scenario, { seed: 1 }));
    let real = essence(await runScenario(scenario, { client: dropInClient() }));
    // Real times are the machine's, too: one that has much else to do is given other chances.
    for (let again = 0; again < 2 && !isDeepStrictEqual(real, simulated); again += 1) {
      real = essence(await runScenario(scenario, { client: dropInClient() }));
    }
    expect(simulated).toEqual(real);
  });
});
