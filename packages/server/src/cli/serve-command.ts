// `throughline serve`: a hub as a process of its own.

import { createHub } from "../hub/hub.js";
import { createOperatorLog } from "../operations/operator-log.js";
import { hasAuthorization } from "./build-authorizer.js";
import { buildHubOptions, type HubParts } from "./build-hub-options.js";
import { type CliHost, EXIT } from "./cli-host.js";
import { helpText } from "./config/help.js";
import { parseFlags } from "./config/parse-flags.js";
import { printConfig } from "./config/print-config.js";
import { readConfigFile } from "./config/read-config-file.js";
import { resolveSettings } from "./config/resolve-settings.js";
import { SERVE_SETTINGS } from "./config/serve-settings.js";
import { RUNNING, SERVER_FLAGS } from "./config/server-flags.js";
import { refuseOpenDoor } from "./exposure.js";
import { linesInTurns } from "./lines-in-turns.js";
import { serveUntilStopped } from "./serve-until-stopped.js";
import { startServer } from "./start-server.js";
import { startWorkers } from "./workers/start-workers.js";

const MORE = `
${RUNNING}

Examples:
  throughline serve
  throughline serve --workers 4
  PORT=9000 throughline serve --log-level warn
  throughline serve --config throughline.yaml --print-config`;

/** Runs until it is told to stop. */
export async function serveCommand(argv: readonly string[], host: CliHost): Promise<number> {
  const { flags } = parseFlags(argv, SERVE_SETTINGS, SERVER_FLAGS, 0);
  if (flags["help"] === true) {
    const about = "Serves streams over HTTP from a log, and takes what is published into it.";
    const usage = "serve [options]";
    const parts = { usage, about, settings: SERVE_SETTINGS, extra: SERVER_FLAGS, more: MORE };
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
  const lines = createOperatorLog({
    level: config.logLevel,
    destination: linesInTurns(host.stdout),
  });
  const start = () => {
    if (config.workers > 1) return startWorkers({ config, lines });
    const build = (parts: HubParts) => {
      const hub = createHub(buildHubOptions(config, parts));
      return { handleNode: hub.handleNode, close: hub.close, hub };
    };
    return startServer({ config, lines, build });
  };
  return await serveUntilStopped(host, start, { hasCertificate: config.tlsCert !== undefined });
}
