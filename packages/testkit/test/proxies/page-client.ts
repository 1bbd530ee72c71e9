// The drop-in as a script for the page of a browser test, from the sources.

import { fileURLToPath } from "node:url";
import { build } from "vite";

const sources = (path: string) =>
  fileURLToPath(new URL(`../../../throughline/src/${path}/index.ts`, import.meta.url));

/** A classic script that leaves the client's exports in the global `throughline`. */
export async function bundleClient(): Promise<string> {
  const results = await build({
    configFile: false,
    logLevel: "error",
    resolve: { alias: [{ find: /^throughline\/core$/, replacement: sources("core") }] },
    build: {
      write: false,
      minify: false,
      target: "esnext",
      lib: { entry: sources("client"), formats: ["iife"], name: "throughline" },
    },
  });
  for (const result of Array.isArray(results) ? results : [results]) {
    for (const chunk of "output" in result ? result.output : []) {
      if (chunk.type === "chunk") return chunk.code;
    }
  }
  throw new Error("The bundle has no code.");
}
