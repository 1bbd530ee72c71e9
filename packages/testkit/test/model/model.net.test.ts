// The runs of the model that take seconds. All of them: `npm run model`.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("../../../../scripts/model.mjs", import.meta.url));
const isHere = (program: string) =>
  ["/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"].some((at) => existsSync(at + program));

// Spin and a C compiler come from Debian (`scripts/setup.mjs`); `npm test` says loudly where they do not.
it.skipIf(!isHere("spin") || !isHere("gcc"))(
  "the small runs of the model hold, and what is planted is found",
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, "--small"]);
    expect(stdout.match(/^✓ safety/gm)).toHaveLength(2);
    expect(stdout.match(/found after/g)).toHaveLength(3);
  },
  120_000,
);
