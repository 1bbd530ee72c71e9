// docs/limits.md, held against the code.

import { readFileSync } from "node:fs";
import { createMemoryLog } from "@throughline/server/log";
import { describe, expect, it } from "vitest";
import { RETIRE_WITHIN_MS } from "../../../src/hub/connections.js";
import { PAGE } from "../../../src/hub/core.js";
import { SERVER_LIMITS } from "../../../src/hub/limits/server-limits.js";
import { MOST_BUCKETS } from "../../../src/hub/limits/token-buckets.js";
import { resolveHubOptions } from "../../../src/hub/options.js";
import { MOST_READS, SLOW_READ_MS, TURN_BYTES, TURN_MS } from "../../../src/hub/replay-pacer.js";
import { LONGEST_TARGET } from "../../../src/hub/router.js";

const text = readFileSync(new URL("../../../../../docs/limits.md", import.meta.url), "utf8");

/** The first two columns of the table in a section: names and values. */
function tableOf(title: string): Record<string, number> {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? "";
  const rows = section.matchAll(/^\| `([\w.]+)` \| `(\d+)` \| [^|]+ \|[^|]+\|$/gm);
  return Object.fromEntries([...rows].map(([, name, value]) => [name, Number(value)]));
}

/** All numbers in an object, by their path. */
function numbersIn(object: object, prefix = ""): [string, number][] {
  return Object.entries(object).flatMap(([key, value]) => {
    if (typeof value === "number") return [[`${prefix}${key}`, value] as [string, number]];
    return typeof value === "object" ? numbersIn(value, `${prefix}${key}.`) : [];
  });
}

/** Numbers that are no limits: how often a hub says something of its own accord. */
const RHYTHM = ["pulse.intervalMs", "pulse.deadlineMs", "heartbeatMs"];

describe("docs/limits.md", () => {
  it("has every option that is a limit, with its default", () => {
    const { log: _, ...settings } = resolveHubOptions({ log: createMemoryLog() });
    const limits = numbersIn(settings).filter(([name]) => !RHYTHM.includes(name));
    expect(tableOf("Options")).toEqual(Object.fromEntries(limits));
  });

  it("has the constants as they are", () => {
    expect(tableOf("Constants")).toEqual({
      MOST_BUCKETS,
      LONGEST_TARGET,
      "PAGE.events": PAGE.events,
      "PAGE.bytes": PAGE.bytes,
      RETIRE_WITHIN_MS,
      TURN_BYTES,
      TURN_MS,
      MOST_READS,
      SLOW_READ_MS,
    });
  });

  it("has the limits of a server as they are", () => {
    expect(tableOf("The server in front")).toEqual(SERVER_LIMITS);
  });
});
