// `npm run check`: everything that can be said about the code without running it.

import { build } from "./build.mjs";
import { checkBundleSize } from "./checks/bundle-size.mjs";
import { checkPackageShape } from "./checks/package-shape.mjs";
import { asCommand, runTool, step } from "./steps.mjs";

/** Builds, then checks; throws at the first check that finds something. */
export async function check() {
  await build();
  await step("Lint and format (biome)", () => runTool("biome", ["ci", "--colors=off", "."]));
  await step("Dead code (knip)", () => runTool("knip", []));
  await step("Weight of the front end", checkBundleSize);
  await step("Shape of the packages (npm pack, publint, attw)", checkPackageShape);
}

await asCommand(import.meta.url, check);
