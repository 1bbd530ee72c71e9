// The scripts of the pages with readers, bundled once for a whole run.

import { bundleScript } from "@throughline/browsers";

/** The scripts, as text. */
export interface PageScripts {
  /** Of the page that holds the frames. */
  readonly stage: string;
  /** Of each frame. */
  readonly frame: string;
}

/** Bundles them from the sources. */
export async function bundlePageScripts(): Promise<PageScripts> {
  // As seen from the sources and from what is compiled of them.
  const script = (name: string) =>
    bundleScript(new URL(`../../src/clients/page/${name}.ts`, import.meta.url));
  const [stage, frame] = await Promise.all([script("stage"), script("frame")]);
  return { stage, frame };
}
