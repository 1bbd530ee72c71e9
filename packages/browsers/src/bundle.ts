import { fileURLToPath } from "node:url";
import { build } from "vite";

/** What becomes of the file. */
export interface BundleOptions {
  /** Default: a classic script. */
  readonly format?: "iife" | "es";
  /** The global that a classic script leaves its exports in. */
  readonly name?: string;
  /** As in development, where React's StrictMode is strict. */
  readonly isDevelopment?: boolean;
}

const sources = fileURLToPath(new URL("../../throughline/src/", import.meta.url));

// The sources, as in all tests, and not what was last built from them.
const alias = [
  { find: /^throughline$/, replacement: `${sources}client/index.ts` },
  { find: /^throughline\/(.+)$/, replacement: `${sources}$1/index.ts` },
];

/** Bundles a file with all that it imports, as one script for pages and workers. */
export async function bundleScript(
  entry: URL,
  { format = "iife", name = "bundle", isDevelopment = false }: BundleOptions = {},
): Promise<string> {
  const file = fileURLToPath(entry);
  const results = await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL(".", entry)),
    resolve: { alias },
    ...(isDevelopment ? { define: { "process.env.NODE_ENV": '"development"' } } : {}),
    build: {
      write: false,
      minify: false,
      target: "esnext",
      lib: { entry: file, formats: [format], name },
    },
  });
  for (const result of Array.isArray(results) ? results : [results]) {
    for (const chunk of "output" in result ? result.output : []) {
      if (chunk.type === "chunk") return chunk.code;
    }
  }
  throw new Error(`The bundle of ${file} has no code.`);
}

/** The drop-in as a classic script that leaves what `throughline` exports in a global of that name. */
export function bundleClient(): Promise<string> {
  return bundleScript(new URL("../../throughline/src/client/index.ts", import.meta.url), {
    name: "throughline",
  });
}
