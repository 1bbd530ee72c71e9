// What the commands that serve have in common beside their settings: flags, and words about how they
// run and end.

import type { ExtraFlag } from "./parse-flags.js";

export const SERVER_FLAGS = {
  config: {
    type: "string",
    about: "A file of settings in YAML or JSON, also THROUGHLINE_CONFIG. Names are as given above.",
  },
  "print-config": {
    type: "boolean",
    about: "Print the settings that are in force as YAML, secrets masked, and end.",
  },
  help: { type: "boolean", short: "h", about: "Print this and end." },
} as const satisfies Readonly<Record<string, ExtraFlag>>;

/** For the help of each of them. */
export const RUNNING = `\
Flags win over the environment, which wins over the file. A switch is turned on by --name and off
by --no-name; in the environment by true and false.

SIGTERM and SIGINT: /readyz says 503 for notReadyMs, then readers are told to go elsewhere, each
at a moment of its own within drainMs, and the process ends with 0. A second signal ends it at
once, with 1. SIGHUP reads the certificate again. A port that is taken, or a setting that cannot
be used, ends it with 1 and a line that says so.`;
