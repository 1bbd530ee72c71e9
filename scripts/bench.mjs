// `npm run bench`: builds, then runs the benchmarks, one after the other. With arguments, only those
// whose path contains one of them: `npm run bench -- parser`.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { asCommand, root, run, step } from "./steps.mjs";

async function bench() {
  await build();
  const wanted = process.argv.slice(2);
  const found = readdirSync(join(root, "packages"))
    .map((name) => join("packages", name, "bench"))
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((file) => join(folder, file)))
    .filter((path) => path.endsWith(".bench.mjs"))
    .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)));
  if (found.length === 0) throw new Error(`no benchmark matches ${wanted.join(" ")}`);
  for (const path of found) await step(path, () => run(process.execPath, [path]));
}

await asCommand(import.meta.url, bench);
