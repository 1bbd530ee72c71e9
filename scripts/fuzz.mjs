// `npm run fuzz`: builds, then attacks a hub with hostile input. Options go through:
// `npm run fuzz -- --seconds 3600 --seed 7`, `npm run fuzz -- --target all`. Fails when the hub breaks, grows, or serves what it must not.

import { build } from "./build.mjs";
import { asCommand, run } from "./steps.mjs";

/** With `--target` a part of it is fuzzed without sockets; else a hub is attacked with them. */
const isPart = process.argv.includes("--target");
const program = `packages/testkit/dist/${isPart ? "fuzz" : "hostile"}/main.js`;

/** A day: somebody may want to leave it alone for a night. */
const timeoutMs = 86_400_000;

async function fuzz() {
  await build();
  await run(process.execPath, [program, ...process.argv.slice(2)], { timeoutMs });
}

await asCommand(import.meta.url, fuzz);
