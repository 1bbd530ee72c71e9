// `npm run reliability`: measures, writes the report, and fails when a promise was broken; or, with `--compare`,
// holds the report that there is against that of another machine.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makePlan } from "./measure/plan.js";
import { runMatrix } from "./measure/run-matrix.js";
import { compareReports } from "./report/compare.js";
import { plotReport } from "./report/plots.js";
import { brokenPromises } from "./report/promised.js";
import { renderReport } from "./report/render-report.js";
import { formatReportData, parseReportData, type ReportData } from "./report/report-data.js";

const OPTIONS = {
  runs: { type: "string", default: "8" },
  seed: { type: "string", default: "1" },
  // With so many, two cores are busy, but seldom late.
  parallel: { type: "string", default: "32" },
  only: { type: "string", default: "" },
  client: { type: "string", default: "" },
  path: { type: "string", default: "" },
  out: { type: "string", default: ".generated/reliability" },
  compare: { type: "string" },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

try {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.compare === undefined) await measure(values);
  else compare(values.compare, values.out);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
// A browser that hangs must not keep what is done from being done.
process.exit();

async function measure(values: Values): Promise<void> {
  const plan = makePlan({
    faults: list(values.only),
    clients: list(values.client),
    paths: list(values.path),
    runs: whole("runs", values.runs),
    seed: whole("seed", values.seed),
    parallel: whole("parallel", values.parallel),
  });
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(130);
      process.stderr.write("Stopping; what runs comes to its end. Again: at once.\n");
      stopping.abort();
    });
  }
  const data = await runMatrix(plan, { command: commandLine(), signal: stopping.signal });
  write(data, values.out);
  const broken = brokenPromises(data);
  process.stdout.write(`${broken.join("\n")}${broken.length > 0 ? "\n" : ""}`);
  process.stdout.write(`Written to ${values.out}.md, ${values.out}.json and ${values.out}/.\n`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}

/** The page, the data and the pictures: `--out` is their common name. */
function write(data: ReportData, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of plotReport(data)) writeFileSync(join(folder, name), svg);
  const base = folder.split("/").at(-1) ?? "";
  const plots = {
    healTimes: `${base}/heal-times.svg`,
    clients: `${base}/faults-by-client.svg`,
    paths: `${base}/faults-by-path.svg`,
  };
  writeFileSync(`${folder}.md`, renderReport(data, plots));
  writeFileSync(`${folder}.json`, formatReportData(data));
}

function compare(other: string, own: string): void {
  const read = (path: string) => parseReportData(readFileSync(path, "utf8"), path);
  const { compared, differences } = compareReports(read(`${own}.json`), read(other));
  process.stdout.write(`${compared} pairs of fault and client are in both.\n`);
  process.stdout.write(
    differences.length === 0
      ? "None differs by more than chance.\n"
      : `These differ by more than chance:\n${differences.join("\n")}\n`,
  );
}

function commandLine(): string {
  const given = process.argv.slice(2).join(" ");
  return given === "" ? "npm run reliability" : `npm run reliability -- ${given}`;
}

function list(text: string): readonly string[] {
  return text.split(",").filter((word) => word !== "");
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`--${name}: expected a whole number from 1, got "${text}".`);
  }
  return value;
}
