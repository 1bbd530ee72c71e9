import { fileURLToPath } from "node:url";
import { build } from "vite";
import { type Implementation, implementations } from "./implementations.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The sources, as in all tests, and not what was last built from them.
const alias = [
  { find: /^throughline\/core$/, replacement: here("../../src/core/index.ts") },
  { find: /^throughline$/, replacement: here("../../src/client/index.ts") },
];

/** Bundles the cases with each of the two classes, as classic scripts for pages and workers. */
export async function bundleSuite(): Promise<Readonly<Record<Implementation, string>>> {
  const [native, dropIn] = await Promise.all(implementations.map(bundle));
  return { native: native ?? "", "drop-in": dropIn ?? "" };
}

async function bundle(implementation: Implementation): Promise<string> {
  const results = await build({
    configFile: false,
    logLevel: "error",
    root: here("."),
    resolve: { alias },
    build: {
      write: false,
      minify: false,
      target: "esnext",
      lib: { entry: here(`${implementation}.ts`), formats: ["iife"], name: "suite" },
    },
  });
  for (const result of Array.isArray(results) ? results : [results]) {
    for (const chunk of "output" in result ? result.output : []) {
      if (chunk.type === "chunk") {
        return chunk.code;
      }
    }
  }
  throw new Error(`The bundle of ${implementation} has no code.`);
}
