// The process of one mutant: plants it, runs schedules until one fails, and says in how many. Without a name
// it runs the same schedules with nothing planted.

import { register } from "node:module";
import type { SeedRange } from "../run-seeds.js";
import { MUTANTS } from "./index.js";

const [id = "", firstSeed = "1", runs = "1"] = process.argv.slice(2);
const mutant = MUTANTS.find((candidate) => candidate.id === id);
if (mutant !== undefined) register("./hooks.js", import.meta.url, { data: mutant });
// Only now: what it imports has to pass the hooks.
const { runSeeds } = await import("../run-seeds.js");
const range: SeedRange = {
  firstSeed: Number(firstSeed),
  runs: Number(runs),
  mostFailures: 1,
  always: mutant?.needs,
};
const { runs: run, failures } = await runSeeds(range);
process.send?.({ runs: run, failures });
process.disconnect?.();
