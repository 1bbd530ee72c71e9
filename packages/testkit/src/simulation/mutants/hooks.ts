// Loads one module with a bug in it, for `node --import`: the files stay as they are.

import type { LoadHook } from "node:module";
import { type Mutant, plantBug } from "./mutant.js";

let mutant: Mutant | undefined;

/** Is told which, on the thread of the hooks. */
export function initialize(planted: Mutant): void {
  mutant = planted;
}

/** Hands out the text of the module with the bug. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (mutant === undefined || !url.endsWith(`/packages/${mutant.file}`)) return loaded;
  return { ...loaded, source: plantBug(String(loaded.source), mutant) };
};
