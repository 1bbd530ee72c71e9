// The client as a classic script for a page, made of the sources, as everything is in tests.

import { fileURLToPath } from "node:url";
import { build } from "vite";

const source = (path: string) =>
  fileURLToPath(new URL(`../../../packages/throughline/src/${path}`, import.meta.url));

/** A script that leaves what `throughline` exports in a global of that name. */
export async function bundleClient(): Promise<string> {
  const results = await build({
    configFile: false,
    logLevel: "error",
    resolve: {
      alias: [{ find: /^throughline\/core$/, replacement: source("core/index.ts") }],
    },
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry: source("client/index.ts"), formats: ["iife"], name: "throughline" },
    },
  });
  for (const result of Array.isArray(results) ? results : [results]) {
    for (const chunk of "output" in result ? result.output : []) {
      if (chunk.type === "chunk") return chunk.code;
    }
  }
  throw new Error("The bundle of the client has no code.");
}
