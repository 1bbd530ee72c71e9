// `throughline serve`: a hub as a process of its own.

import { createOperatorLog } from "../operations/operator-log.js";
import { hasAuthorization } from "./build-authorizer.js";
import { type CliHost, EXIT } from "./cli-host.js";
import { helpText } from "./config/help.js";
import { type ExtraFlag, parseFlags } from "./config/parse-flags.js";
import { printConfig } from "./config/print-config.js";
import { readConfigFile } from "./config/read-config-file.js";
import { resolveSettings } from "./config/resolve-settings.js";
import { SERVE_SETTINGS } from "./config/serve-settings.js";
import { refuseOpenDoor } from "./exposure.js";
import { type RunningServer, startServer } from "./start-server.js";

const EXTRA = {
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

const MORE = `
Flags win over the environment, which wins over the file. A switch is turned on by --name and off
by --no-name; in the environment by true and false.

SIGTERM and SIGINT: /readyz says 503 for notReadyMs, then readers are told to go elsewhere, each
at a moment of its own within drainMs, and the process ends with 0. A second signal ends it at
once, with 1. SIGHUP reads the certificate again. A port that is taken, or a setting that cannot
be used, ends it with 1 and a line that says so.

Examples:
  throughline serve
  PORT=9000 throughline serve --log-level warn
  throughline serve --config throughline.yaml --print-config`;

/** Runs until it is told to stop. */
export async function serveCommand(argv: readonly string[], host: CliHost): Promise<number> {
  const { flags } = parseFlags(argv, SERVE_SETTINGS, EXTRA, 0);
  if (flags["help"] === true) {
    const about = "Serves streams over HTTP from a log, and takes what is published into it.";
    const usage = "serve [options]";
    const parts = { usage, about, settings: SERVE_SETTINGS, extra: EXTRA, more: MORE };
    host.stdout.write(helpText({ ...parts, variables: "all" }));
    return EXIT.ok;
  }
  const path = flags["config"] ?? host.environment["THROUGHLINE_CONFIG"];
  const file = typeof path === "string" && path !== "" ? readConfigFile(path) : undefined;
  const { environment } = host;
  const config = resolveSettings(SERVE_SETTINGS, { file, environment, flags });
  if (flags["print-config"] === true) {
    host.stdout.write(printConfig(SERVE_SETTINGS, config));
    return EXIT.ok;
  }
  refuseOpenDoor(config, { hasAuthorization: hasAuthorization(config) });
  const lines = createOperatorLog({ level: config.logLevel, destination: host.stdout });
  let signals = 0;
  let stopListening = () => {};
  let stopRenewing = () => {};
  // From before the start on: who stops a hub that is still opening its log is heard, too.
  const asked = new Promise<void>((resolve) => {
    stopListening = host.onSignal(() => {
      signals += 1;
      if (signals === 1) resolve();
      else host.exit(EXIT.failed);
    });
  });
  try {
    const starting = startServer(config, lines);
    if (config.tlsCert !== undefined) stopRenewing = host.onHangup(() => renewIn(starting));
    const server = await starting;
    await asked;
    await server.shutDown();
    return EXIT.ok;
  } finally {
    stopRenewing();
    stopListening();
  }
}

/** As soon as it has started: until then the signal, without a listener, would end the process. */
function renewIn(starting: Promise<RunningServer>): void {
  const nothing = () => {
    // A start that fails is reported where it is waited for.
  };
  starting.then((server) => server.renewCertificate?.(), nothing);
}
