// The backend as somebody starts it by hand, from what was built.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";

const main = fileURLToPath(new URL("../../dist/backend/launcher/main.js", import.meta.url));

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("the backend by hand", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)(
    "is told a story, and all of it ends by %s",
    async (signal) => {
      // A kill leaves its database behind; here that goes with the folder.
      const TMPDIR = await mkdtemp(join(tmpdir(), "strategist-by-hand-"));
      const child = spawn(process.execPath, [main], {
        env: { ...process.env, TMPDIR, PORT: "0", FEED_GENERATION: "first" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "exit");
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      try {
        await expect
          .poll(() => said, { timeout: 40_000 })
          .toContain("log in as observer with banyan");
        const [url = "", control = ""] = said.match(/http:[\d./:]+\d/g) ?? [];
        const status = (at: string) => fetch(at, { headers: { connection: "close" } });
        expect((await status(`${url}/api/v1/status`)).ok).toBe(true);
        expect((await status(`${control}/__counts`)).ok).toBe(true);
        child.kill(signal);
        await ended;
        for (const address of [`${url}/api/v1/status`, `${control}/__counts`]) {
          const isGone = () =>
            status(address).then(
              () => false,
              () => true,
            );
          await expect.poll(isGone, { timeout: 20_000 }).toBe(true);
        }
      } finally {
        child.kill("SIGKILL");
        await ended;
        await rm(TMPDIR, { recursive: true, force: true, maxRetries: 3 });
      }
    },
  );
});
