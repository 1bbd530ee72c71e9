// The scenarios that come with the package.

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseScenarios } from "./parse-scenario.js";
import type { Scenario } from "./scenario.js";

/** From the sources and from what is compiled it is the same way. */
const FOLDER = fileURLToPath(new URL("../../scenarios/", import.meta.url));

/** Reads every scenario of a file. Throws as `parseScenarios` does, and where there is no such file. */
export function readScenarios(path: string): readonly Scenario[] {
  return parseScenarios(readFileSync(path, "utf8"), basename(path));
}

/** The scenarios of `scenarios/*.scenario`: what a connection meets on the way, and has to get over. */
export function bundledScenarios(): readonly Scenario[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".scenario"))
    .sort()
    .flatMap((name) => readScenarios(join(FOLDER, name)));
}
