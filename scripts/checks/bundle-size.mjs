// What the published front-end code weighs in a page, and that a browser can load it. It is bundled
// as an application would bundle it, from `dist`, minified and compressed.
//
//   node scripts/checks/bundle-size.mjs --without core/connection/poll,client/lease
//
// says what the drop-in would weigh if those modules did nothing.

import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { asCommand, root, say } from "../steps.mjs";

const dist = join(root, "packages/throughline/dist");
const clientEntry = join(dist, "client/index.js");
const reactEntry = join(dist, "react/index.js");
const continuityEntry = join(dist, "continuity/index.js");
const rollOutEntry = join(dist, "roll-out/index.js");
const tabsEntry = join(dist, "tabs/index.js");
const publishEntry = join(dist, "publish/index.js");
/** What is opt-in, each by an entry of its own, with its limit. */
const reactExtras = Object.entries({ shared: 640, snapshot: 1280, history: 1920, query: 1536 });

/** What an application imports that changes one import, or installs the class for the page. */
const DROP_IN = `export { defineEventSource, EventSource, installEventSource } from ${JSON.stringify(clientEntry)};`;

/**
 * Throws when a part of the front-end package is heavier than promised, needs a module of Node, or
 * brings dependencies along. Prints the table of weights.
 */
async function checkBundleSize() {
  const { values } = parseArgs({ options: { without: { type: "string" } } });
  if (values.without !== undefined) return weighWithout(values.without.split(","));
  refuseDependencies();
  const client = await weigh(DROP_IN);
  const core = await weigh(coreAsUsedByClient());
  const both = await weigh(`${DROP_IN}\n${reExport([reactEntry])}`);
  const continuity = await weigh(reExport([continuityEntry]));
  const rollOut = await weigh(reExport([rollOutEntry]));
  const tabs = await weigh(reExport([tabsEntry]));
  const publish = await weigh(reExport([publishEntry]));
  const extras = [];
  for (const [name, limit] of reactExtras) {
    const entries = [reactEntry, join(dist, `react/${name}/index.js`)];
    const bytes = (await weigh(`${DROP_IN}\n${reExport(entries)}`)) - both;
    extras.push({ name: `  react/${name}, on top of it`, bytes, limit });
  }
  report([
    { name: "throughline (the drop-in)", bytes: client, limit: 15.25 * 1024 },
    { name: "  of it, from core", bytes: core, limit: 8 * 1024 },
    { name: "throughline/react, on top", bytes: both - client, limit: 3 * 1024 },
    ...extras,
    { name: "throughline/continuity, alone", bytes: continuity, limit: 1.25 * 1024 },
    { name: "throughline/roll-out, alone", bytes: rollOut, limit: 0.75 * 1024 },
    { name: "throughline/tabs, alone", bytes: tabs, limit: 3.25 * 1024 },
    { name: "throughline/publish, alone", bytes: publish, limit: 4 * 1024 },
  ]);
}

/** @param {readonly string[]} modules paths in `dist`, without extension */
async function weighWithout(modules) {
  const hollow = new Set(modules.map((path) => join(dist, `${path}.js`)));
  for (const path of hollow) readFileSync(path);
  const bytes = await weigh(DROP_IN, hollow);
  say(`  the drop-in without ${modules.join(", ")}: ${bytes} bytes`);
}

function refuseDependencies() {
  const manifest = JSON.parse(readFileSync(join(dist, "../package.json"), "utf8"));
  if (manifest.dependencies !== undefined) {
    throw new Error("packages/throughline/package.json: the front-end package has no dependencies");
  }
}

/** @param {readonly { name: string, bytes: number, limit: number }[]} rows */
function report(rows) {
  say("  bytes, minified and compressed (gzip)   now   limit");
  for (const { name, bytes, limit } of rows) {
    say(`  ${name.padEnd(34)} ${String(bytes).padStart(8)} ${String(limit).padStart(7)}`);
  }
  const heavy = rows.filter(({ bytes, limit }) => bytes > limit);
  if (heavy.length > 0) {
    throw new Error(`heavier than promised: ${heavy.map(({ name }) => name.trim()).join(", ")}`);
  }
}

/** A module that exports all that the given ones do. @param {readonly string[]} paths */
function reExport(paths) {
  return paths.map((path) => `export * from ${JSON.stringify(path)};`).join("\n");
}

/** A module that exports the part of core that the compiled client imports, and nothing else. */
function coreAsUsedByClient() {
  /** @type {Map<string, Set<string>>} */
  const names = new Map();
  for (const entry of readdirSync(join(dist, "client"), { recursive: true, encoding: "utf8" })) {
    if (!entry.endsWith(".js")) continue;
    const path = join(dist, "client", entry);
    const imports = /(?:im|ex)port\s*\{([^}]*)\}\s*from\s*"(\.[^"]*)"/g;
    for (const [, list = "", specifier = ""] of readFileSync(path, "utf8").matchAll(imports)) {
      const module = resolve(dirname(path), specifier);
      if (relative(join(dist, "core"), module).startsWith("..")) continue;
      const known = names.get(module) ?? new Set();
      names.set(module, known);
      for (const item of list.split(",")) known.add(item.trim().split(/\s+as\s+/)[0] ?? "");
    }
  }
  if (names.size === 0) throw new Error("the compiled client imports nothing from core");
  // Each module under numbered names: two of them may export the same one.
  let count = 0;
  return [...names]
    .map(([module, known]) => {
      const list = [...known].filter(Boolean).map((name) => `${name} as e${count++}`);
      return `export { ${list.join(", ")} } from ${JSON.stringify(module)};`;
    })
    .join("\n");
}

/**
 * The compressed size of all that an application loads for one entry module, React and TanStack Query
 * not counted.
 *
 * @param {string} source
 * @param {ReadonlySet<string>} [hollow] modules whose exports are to do nothing
 */
async function weigh(source, hollow = new Set()) {
  const { build } = await import("vite");
  const id = "\0weighed-entry";
  const result = await build({
    configFile: false,
    root,
    logLevel: "error",
    plugins: [
      {
        name: "weighed-entry",
        enforce: "pre",
        resolveId(wanted, importer) {
          if (wanted === "weighed-entry") return id;
          if (!isBuiltin(wanted)) return undefined;
          throw new Error(`${importer}: imports ${wanted}, which no browser has`);
        },
        load(wanted) {
          if (wanted === id) return source;
          if (!hollow.has(wanted)) return undefined;
          const names = readFileSync(wanted, "utf8").matchAll(
            /^export (?:async )?(?:function|class|const) (\w+)/gm,
          );
          return Array.from(names, ([, name]) => `export const ${name} = () => {};`).join("\n");
        },
      },
    ],
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: {
        input: "weighed-entry",
        preserveEntrySignatures: "strict",
        external: [/^react(-dom)?($|\/)/, /^@tanstack\//],
      },
    },
  });
  if (!("output" in result)) throw new Error("the bundler made no single output");
  return result.output
    .map((file) => (file.type === "chunk" ? file.code : file.source))
    .reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0);
}

await asCommand(import.meta.url, checkBundleSize);
