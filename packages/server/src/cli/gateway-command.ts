// `throughline gateway`: stands before a backend that streams already, as a process of its own.

import type { Gateway, GatewayOptions } from "../gateway/index.js";
import type { CloseOptions } from "../hub/index.js";
import { createOperatorLog, type OperatorLog } from "../operations/operator-log.js";
import { buildGatewayOptions, upstreamOf } from "./build-gateway-options.js";
import type { HubParts } from "./build-hub-options.js";
import { type CliHost, type Command, EXIT } from "./cli-host.js";
import { type GatewayRules, resolveRules, SECTIONS } from "./config/gateway-file.js";
import { GATEWAY_SETTINGS, type GatewayConfig } from "./config/gateway-settings.js";
import { helpText } from "./config/help.js";
import { parseFlags } from "./config/parse-flags.js";
import { printConfig } from "./config/print-config.js";
import { printRules } from "./config/print-rules.js";
import { readConfigFile } from "./config/read-config-file.js";
import { resolveSettings } from "./config/resolve-settings.js";
import { RUNNING, SERVER_FLAGS } from "./config/server-flags.js";
import { isLoopbackHost } from "./exposure.js";
import { linesInTurns } from "./lines-in-turns.js";
import { refuseWorkers } from "./one-process.js";
import { serveUntilStopped } from "./serve-until-stopped.js";
import { startServer } from "./start-server.js";

const MORE = `
The file may also have the sections identity, check and routes, which tell what the backend's
streams are like: see docs/gateway-routes.md. --print-config shows those that are in force, also
of a preset. Without adminPort, operators ask /throughline/healthz, /throughline/readyz and
/throughline/metrics, from this machine.

Who may read is for the backend to say. Whatever address the gateway listens on, it opens nothing
that is not open to whoever reaches the backend; where others reach it, a line at the start names
the routes with isChecked: false.

${RUNNING}

Examples:
  throughline gateway --upstream http://127.0.0.1:5000
  UPSTREAM_URL=http://backend:5000 throughline gateway --preset strategist-first-generation
  throughline gateway --config gateway.yaml --print-config`;

/** Where the operator endpoints are without `adminPort`: `/throughline/healthz` and so on. */
const OPERATOR_PREFIX = "/throughline";

/** The command, on whatever makes gateways. */
export function createGatewayCommand(create: (options: GatewayOptions) => Gateway): Command {
  return async (argv, host) => {
    refuseWorkers(argv, host.environment, undefined);
    const { flags } = parseFlags(argv, GATEWAY_SETTINGS, SERVER_FLAGS, 0);
    if (flags["help"] === true) {
      const about =
        "Puts a log between a backend and the readers of its streams, so that they lose nothing of " +
        "what it sends. All other requests are passed on to it.";
      const usage = "gateway --upstream <text> [options]";
      const parts = { usage, about, settings: GATEWAY_SETTINGS, extra: SERVER_FLAGS, more: MORE };
      host.stdout.write(helpText({ ...parts, variables: "all" }));
      return EXIT.ok;
    }
    const { config, rules } = readConfig(flags, host);
    if (flags["print-config"] === true) {
      host.stdout.write(printConfig(GATEWAY_SETTINGS, { ...config, preset: "none" }));
      host.stdout.write(printRules(rules));
      return EXIT.ok;
    }
    // Before anything is opened.
    upstreamOf(config);
    const lines = createOperatorLog({
      level: config.logLevel,
      destination: linesInTurns(host.stdout),
    });
    const start = async () => {
      const build = (parts: HubParts) => {
        const gateway = create(buildGatewayOptions(config, rules, parts));
        const { handleNode, handleUpgrade, hub } = gateway;
        const close = (options: CloseOptions) => gateway.close(options);
        // Its addresses are the backend's, and large uploads may take their time.
        const manners = { operatorPrefix: OPERATOR_PREFIX, limitsRequests: true };
        return { handleNode, handleUpgrade, hub, close, sources: gateway, ...manners };
      };
      const server = await startServer({ config, lines, build });
      tellWhatIsOpen(config, rules, lines);
      return server;
    };
    return await serveUntilStopped(host, start, { hasCertificate: config.tlsCert !== undefined });
  };
}

function readConfig(
  flags: Readonly<Record<string, unknown>>,
  { environment }: CliHost,
): { readonly config: GatewayConfig; readonly rules: GatewayRules } {
  const path = flags["config"] ?? environment["THROUGHLINE_CONFIG"];
  const file = typeof path === "string" && path !== "" ? readConfigFile(path) : undefined;
  refuseWorkers([], environment, file);
  const sources = { file, environment, flags, sections: SECTIONS };
  const config = resolveSettings(GATEWAY_SETTINGS, sources);
  return { config, rules: resolveRules(config.preset, file) };
}

/** Nobody should find out from somebody else that a stream asks for no login. */
function tellWhatIsOpen(
  { host }: GatewayConfig,
  { routes }: GatewayRules,
  { logger }: OperatorLog,
): void {
  const open = routes.filter(({ isChecked }) => !isChecked).map(({ name }) => name);
  if (open.length === 0 || isLoopbackHost(host)) return;
  const said = "whoever reaches this address may read these routes unless the backend refuses";
  logger.warn({ event: "unchecked-routes", routes: open }, said);
}
