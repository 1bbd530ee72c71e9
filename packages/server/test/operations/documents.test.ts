// docs/operations.md, held against what it describes.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { showDefault } from "../../src/cli/config/help.js";
import { SERVE_SETTINGS } from "../../src/cli/config/serve-settings.js";
import type { Settings } from "../../src/cli/config/setting.js";
import { environmentName, flagName } from "../../src/cli/config/setting-names.js";
import { METRICS, type MetricEntry, WORKER_METRICS } from "../../src/operations/metric-table.js";

const text = readFileSync(new URL("../../../../docs/operations.md", import.meta.url), "utf8");

/** The rows of the table below a heading, as cells without the code marks. */
function rows(heading: string): readonly (readonly string[])[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

describe("the table of settings", () => {
  it("has every setting, with flag, variables, default and sentence, in the order of the help", () => {
    const settings: Settings = SERVE_SETTINGS;
    const expected = Object.entries(settings).map(([name, setting]) => [
      name,
      setting.isSecret ? "none: a secret" : `--${flagName(name)}`,
      [environmentName(name), ...setting.alsoFrom].join(", "),
      showDefault(setting),
      setting.about,
    ]);
    expect(rows("Settings")).toEqual(expected);
  });
});

const ALL_METRICS = [...Object.values(METRICS), ...Object.values(WORKER_METRICS)];

describe("the table of metrics", () => {
  it("has every metric, with its kind and labels", () => {
    const metrics: readonly MetricEntry[] = ALL_METRICS;
    const expected = metrics.map(({ name, kind, labels }) => [name, kind, labels.join(", ")]);
    expect(rows("Metrics").map((row) => row.slice(0, 3))).toEqual(expected);
  });
});

describe("the runbook", () => {
  it("names no metric that does not exist", () => {
    const known = ALL_METRICS.map(({ name }) => name as string);
    const named = text.match(/throughline_[a-z_]+[a-z]/g) ?? [];
    const ends = /_(?:bucket|sum|count)$/;
    expect(named.filter((name) => !known.includes(name.replace(ends, "")))).toEqual([]);
  });
});
