// Scenarios 1 to 5 on real sockets, a few runs each; `npm run reliability` does a hundred.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { brokenPromises, startHub, type TrialHub } from "../../src/reliability/index.js";
import { runTrial } from "../../src/reliability/run-trial.js";
import { TRIALS, type Trial } from "../../src/reliability/trial.js";

let hub: TrialHub;

beforeAll(async () => {
  hub = await startHub();
});

afterAll(() => hub.close());

/** A minute of flapping is for the report; six seconds are enough to see that it heals. */
function shortened(trial: Trial): Trial {
  if (trial.disruption.kind !== "flap") return trial;
  const options = { ...trial.disruption.options, forMs: 6000 };
  return { ...trial, disruption: { kind: "flap", options } };
}

describe.concurrent("the drop-in keeps every promise through", () => {
  it.for(TRIALS)("$id: $title", { timeout: 60_000 }, async (trial, { expect }) => {
    for (const run of [1, 2]) {
      const result = await runTrial(shortened(trial), hub, `${trial.id}-${run}`, Math.random);
      expect(brokenPromises(result), JSON.stringify(result)).toEqual([]);
    }
  });
});

describe("a broken promise", () => {
  const kept = {
    trial: "x",
    detectMs: 1,
    beginMs: 2000,
    healMs: 5000,
    lost: 0,
    repeated: 0,
    reordered: 0,
    published: 9,
    requests: 1,
  };

  it("is seen, each of them", () => {
    expect(brokenPromises(kept)).toEqual([]);
    expect(brokenPromises({ ...kept, beginMs: 2001 })).toEqual(["recovery began after 2001 ms"]);
    expect(brokenPromises({ ...kept, beginMs: undefined })).toEqual(["recovery never began"]);
    expect(brokenPromises({ ...kept, healMs: 5001 })).toEqual(["healed after 5001 ms"]);
    expect(brokenPromises({ ...kept, healMs: undefined })).toEqual(["it never healed"]);
    expect(brokenPromises({ ...kept, lost: 1, repeated: 2, reordered: 3 })).toEqual([
      "1 events lost",
      "2 events repeated",
      "3 events out of order",
    ]);
  });
});
