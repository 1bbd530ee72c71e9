// `npm run mutants`: plants one bug after the other and holds that the simulation notices each. What it says
// of each is how many schedules that took; a bug that survives them all fails the command.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Failure } from "../run-seeds.js";
import { MUTANTS } from "./index.js";

/** What a process says of its schedules. */
interface Verdict {
  readonly runs: number;
  readonly failures: readonly Failure[];
  /** Why there is nothing to say, if it broke. */
  readonly error?: string | undefined;
}

/** A bug may also keep its process from ever coming to rest, which says nothing of the judges. */
const LONGEST_MS = 900_000;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "2000" },
    parallel: { type: "string", default: "2" },
    only: { type: "string", default: "" },
  },
});
const wanted = values.only.split(",");
const queue = MUTANTS.filter(({ id }) => values.only === "" || wanted.includes(id));
if (queue.length === 0) throw new Error(`--only ${values.only}: no planted bug has that name.`);
const total = queue.length;
let surviving = 0;

const sound = await runProcess("nothing");
const isSound = sound.error === undefined && sound.failures.length === 0;
report("nothing planted", isSound ? `passes ${sound.runs} schedules` : describe(sound));
const lanes = Array.from({ length: Number(values.parallel) }, async () => {
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    const verdict = await runProcess(mutant.id);
    const isCaught = verdict.failures.length > 0;
    if (!isCaught) surviving += 1;
    report(
      mutant.id,
      isCaught ? `caught in ${describe(verdict)}` : `SURVIVES ${describe(verdict)}`,
    );
  }
});
await Promise.all(lanes);
process.stdout.write(`${total - surviving} of ${total} planted bugs are caught\n`);
process.exitCode = surviving === 0 && isSound ? 0 : 1;

function report(what: string, outcome: string): void {
  process.stdout.write(`${what.padEnd(34)} ${outcome}\n`);
}

function describe({ runs, failures, error }: Verdict): string {
  const [first] = failures;
  if (error !== undefined) return error;
  const schedules = `${runs} schedule${runs === 1 ? "" : "s"}`;
  return first === undefined
    ? schedules
    : `${schedules}, as ${first.breach.kind}, seed ${first.seed}`;
}

function runProcess(id: string): Promise<Verdict> {
  const program = fileURLToPath(new URL("./run-mutant.js", import.meta.url));
  return new Promise((resolve) => {
    const child = fork(program, [id, values.seed, values.runs], { timeout: LONGEST_MS });
    let verdict: Verdict | undefined;
    child.on("message", (message: Verdict) => {
      verdict = message;
    });
    child.once("exit", (code) => {
      resolve(verdict ?? { runs: 0, failures: [], error: `its process ended with code ${code}` });
    });
  });
}
