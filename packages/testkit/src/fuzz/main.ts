// `npm run fuzz -- --target parser`: hunts for an input that the target does not stand. What is found is
// written to a file, with the line that tries it again.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readCorpus } from "./corpus.js";
import { examine, hunt } from "./hunt.js";
import type { FuzzTarget, KeptInput } from "./target.js";
import { TARGETS } from "./targets.js";

const { values } = parseArgs({
  options: {
    target: { type: "string", default: "all" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    input: { type: "string" },
  },
});
const { target, input } = values;
const chosen = TARGETS.filter(({ name }) => target === "all" || name === target);
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (chosen.length === 0 || !(seconds > 0) || !Number.isSafeInteger(seed)) {
  const names = TARGETS.map(({ name }) => name).join(", ");
  process.stderr.write(
    `Expected --target ${names} or all, --seconds above 0 and a whole --seed; got ${target}, ` +
      `${values.seconds}, ${values.seed}.\n`,
  );
  process.exitCode = 2;
} else if (input !== undefined) {
  const { input: again } = JSON.parse(readFileSync(input, "utf8")) as KeptInput;
  for (const each of chosen) await tryAgain(each, again);
} else {
  for (const each of chosen) await seek(each, (seconds * 1000) / chosen.length);
}

async function seek(each: FuzzTarget, withinMs: number): Promise<void> {
  const kept = readCorpus(each.name);
  const { tried, quarry } = await hunt(each, { kept, seed, withinMs });
  say(`${each.name}: ${tried} inputs, ${quarry === undefined ? "nothing found" : "FOUND"}`);
  if (quarry === undefined) return;
  const path = `.generated/fuzz/${each.name}-${seed}-${tried}.json`;
  mkdirSync(".generated/fuzz", { recursive: true });
  const found: KeptInput = { input: quarry.input, why: quarry.complaint };
  writeFileSync(path, `${JSON.stringify(found, null, 2)}\n`);
  say(`!!! ${quarry.complaint}\nagain: npm run fuzz -- --target ${each.name} --input ${path}`);
  process.exitCode = 1;
}

async function tryAgain(each: FuzzTarget, again: string): Promise<void> {
  const complaint = await examine(each, again);
  say(`${each.name}: ${complaint ?? "nothing is wrong with it"}`);
  if (complaint !== undefined) process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
