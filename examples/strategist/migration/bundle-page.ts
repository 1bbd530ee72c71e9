// Bundles the script of the measured page from its source.

import { fileURLToPath } from "node:url";
import { build } from "vite";

/** As seen from what the compiler makes of this file. */
const ENTRY = fileURLToPath(new URL("../../migration/page.ts", import.meta.url));

/** The script as text. */
export async function bundlePage(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "es2022",
      rolldownOptions: { input: ENTRY, output: { format: "iife" } },
    },
  });
  if (!("output" in result)) throw new Error("vite built something else than one bundle");
  const chunk = result.output.find((output) => output.type === "chunk");
  if (chunk === undefined) throw new Error("vite built no script");
  return chunk.code;
}
