import { bundleScript } from "@throughline/browsers";
import { type Implementation, implementations } from "./implementations.js";

/** Bundles the cases with each of the two classes, as classic scripts for pages and workers. */
export async function bundleSuite(): Promise<Readonly<Record<Implementation, string>>> {
  const [native, dropIn] = await Promise.all(
    implementations.map((name) => bundleScript(new URL(`${name}.ts`, import.meta.url))),
  );
  return { native: native ?? "", "drop-in": dropIn ?? "" };
}
