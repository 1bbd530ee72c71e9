// Bundles the script of the measured page from its source.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** As seen from this file, and from what the compiler makes of it. */
const entries = ["./page.ts", "../../migration/page.ts"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** The script as text. */
export async function bundlePage(): Promise<string> {
  const entry = entries.find((path) => existsSync(path));
  if (entry === undefined) throw new Error(`no page in ${entries.join(" or ")}`);
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "es2022",
      rolldownOptions: { input: entry, output: { format: "iife" } },
    },
  });
  if (!("output" in result)) throw new Error("vite built something else than one bundle");
  const chunk = result.output.find((output) => output.type === "chunk");
  if (chunk === undefined) throw new Error("vite built no script");
  return chunk.code;
}
