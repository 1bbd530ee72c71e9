// How the commands that talk to a hub name a stream, and show who they are.

import { parseStreamName } from "../log/stream-name.js";
import type { CliHost } from "./cli-host.js";
import type { ClientConfig } from "./config/client-settings.js";
import { UsageError } from "./config/usage-error.js";

/**
 * The address of a stream.
 *
 * @throws UsageError where the stream was not named
 * @throws StreamError `invalid-stream`
 */
export function streamUrl({ url }: ClientConfig, stream: string | undefined): URL {
  if (stream === undefined) throw new UsageError("Expected the name of a stream. See --help.");
  return new URL(`${url.replace(/\/$/, "")}/streams/${parseStreamName(stream)}`);
}

/**
 * Headers that show the token, if there is one.
 *
 * @throws UsageError where it cannot be a header's value; it is not shown
 */
export function authorizationOf(
  { tokenEnv }: ClientConfig,
  { environment }: CliHost,
): Readonly<Record<string, string>> {
  const token = environment[tokenEnv];
  if (token === undefined || token === "") return {};
  if (/^[\x21-\x7e]+$/.test(token)) return { authorization: `Bearer ${token}` };
  throw new UsageError(`The token in ${tokenEnv} has characters that no token has.`);
}
