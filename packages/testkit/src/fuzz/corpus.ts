// The inputs that are kept for each target: packages/testkit/corpora.

import { readFileSync } from "node:fs";
import type { KeptInput } from "./target.js";

/** Reads what is kept for a target. */
export function readCorpus(name: string): readonly KeptInput[] {
  const file = new URL(`../../corpora/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as readonly KeptInput[];
}
