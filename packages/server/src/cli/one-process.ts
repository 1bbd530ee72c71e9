// A gateway is one process. Whoever asks for more is told why, wherever they have asked.

import { type ConfigFile, membersOf } from "./config/resolve-settings.js";
import { environmentName, flagName } from "./config/setting-names.js";
import { UsageError } from "./config/usage-error.js";

const WORKERS = "workers";

/** @throws UsageError where a call, its environment or its file says something of workers */
export function refuseWorkers(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  file: ConfigFile | undefined,
): void {
  const flag = `--${flagName(WORKERS)}`;
  const isAsked =
    argv.some((word) => word === flag || word.startsWith(`${flag}=`)) ||
    (environment[environmentName(WORKERS)] ?? "") !== "" ||
    (file !== undefined && Object.hasOwn(membersOf(file), WORKERS));
  if (!isAsked) return;
  throw new UsageError(
    `Setting "${WORKERS}": a gateway is one process, because each stream of the backend is read once ` +
      "for all readers. Leave it out.",
  );
}
