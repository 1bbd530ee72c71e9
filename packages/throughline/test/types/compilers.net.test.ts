// What the package declares, with the compilers that its users have, with and without lib.dom. The
// declarations themselves are checked, too (`skipLibCheck: false`).

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where `scripts/runtimes.mjs` puts them; and the one that compiles this project. */
const compilers = [
  ...["5.4", "6"].map((version) => ({
    version,
    path: here(`../../../../.generated/runtimes/typescript-${version}/node_modules/.bin/tsc`),
  })),
  { version: "of this project", path: here("../../../../node_modules/.bin/tsc") },
];

describe.each(compilers)("TypeScript $version", ({ path }) => {
  // Only a machine that has it can run it; `npm test` installs it where it can.
  describe.skipIf(!existsSync(path))("takes", () => {
    it.for(["dom", "node"])("the declarations in a project for %s", async (project) => {
      const { stdout } = await promisify(execFile)(path, ["-p", here(`./${project}`)]).catch(
        (error: { stdout: string }) => error,
      );
      expect(stdout).toBe("");
    });
  });
});
