// `npm run check`: everything that can be said about the code without running it.

import { build } from "./build.mjs";
import { checkPackageShape } from "./checks/package-shape.mjs";
import { asCommand, run, runTool, step } from "./steps.mjs";

/** Builds, then checks; throws at the first check that finds something. */
export async function check() {
  await build();
  await step("Lint and format (biome)", () => runTool("biome", ["ci", "--colors=off", "."]));
  await step("Dead code (knip)", () => runTool("knip", []));
  // In a process of its own: Vite sets NODE_ENV to "production" for the one that it builds in, and
  // whatever that starts later, such as the tests, would get React without what tests need.
  await step("Weight of the front end", () =>
    run(process.execPath, ["scripts/checks/bundle-size.mjs"]),
  );
  await step("Shape of the packages (npm pack, publint, attw)", checkPackageShape);
}

await asCommand(import.meta.url, check);
