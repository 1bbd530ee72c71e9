// Whether what would be published is whole and can be imported: each package is packed as for the
// registry, and what came out is looked at, not what lies in the folder.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, runTool } from "../steps.mjs";

const published = ["throughline", "@throughline/server", "@throughline/testkit"];

/** What a reader, a lawyer and a debugger expect to find in every package. */
const expected = ["package.json", "README.md", "LICENSE", "dist/", "src/"];

/** What is of use only here: notes of the compiler, its projects, tests. */
const unwanted = /\.tsbuildinfo$|(^|\/)tsconfig[^/]*\.json$|\.test\.|(^|\/)test\//;

/** Throws when a package misses something, carries too much, or does not resolve for an importer. */
export async function checkPackageShape() {
  const folder = mkdtempSync(join(tmpdir(), "throughline-pack-"));
  try {
    for (const pack of await packAll(folder)) {
      refuseContent(pack.name, pack.files);
      const tarball = join(folder, pack.filename);
      await runTool("publint", ["run", "--strict", tarball], { quiet: true });
      await runTool("attw", ["--profile", "esm-only", "--no-color", tarball], { quiet: true });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {string} folder
 * @returns {Promise<{ name: string, filename: string, files: string[] }[]>}
 */
async function packAll(folder) {
  const workspaces = published.flatMap((name) => ["--workspace", name]);
  const args = ["pack", "--json", "--loglevel=error", "--pack-destination", folder, ...workspaces];
  /** @type {{ name: string, filename: string, files: { path: string }[] }[]} */
  const packs = Object.values(JSON.parse(await run("npm", args, { quiet: true })));
  return packs.map((pack) => ({ ...pack, files: pack.files.map(({ path }) => path) }));
}

/**
 * @param {string} name
 * @param {readonly string[]} files
 */
function refuseContent(name, files) {
  const missing = expected.filter((path) => !files.some((file) => file.startsWith(path)));
  const extra = files.filter((file) => unwanted.test(file));
  const complaints = [
    ...missing.map((path) => `${name}: the package has no ${path}`),
    ...extra.map((path) => `${name}: the package carries ${path}`),
  ];
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
}
