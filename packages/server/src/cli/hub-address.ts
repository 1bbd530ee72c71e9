// How the commands that talk to a hub name a stream, and show who they are.

import { parseStreamName } from "../log/stream-name.js";
import type { CliHost } from "./cli-host.js";
import type { ClientConfig } from "./config/client-settings.js";
import { UsageError } from "./config/usage-error.js";
import { readSecretFile } from "./read-file.js";

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
 * How to make the headers that show the token, if there is one. To be called for every request: what
 * stands in a file may have been renewed. A file that cannot be used at that moment is most likely
 * being written; the token before it is shown again, and whether it still counts is for the hub to say.
 *
 * @throws UsageError where the token cannot be had, or cannot be a header's value; it is not shown
 */
export function authorizationOf(
  config: ClientConfig,
  { environment }: CliHost,
): () => Readonly<Record<string, string>> {
  let latest = readAuthorization(config, environment);
  return () => {
    try {
      latest = readAuthorization(config, environment);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // As above.
    }
    return latest;
  };
}

function readAuthorization(
  { tokenEnv, tokenFile }: ClientConfig,
  environment: CliHost["environment"],
): Readonly<Record<string, string>> {
  const token =
    tokenFile === undefined ? environment[tokenEnv] : readSecretFile("tokenFile", tokenFile);
  if (token === undefined || (token === "" && tokenFile === undefined)) return {};
  if (/^[\x21-\x7e]+$/.test(token)) return { authorization: `Bearer ${token}` };
  const where = tokenFile ?? tokenEnv;
  throw new UsageError(`The token in ${where} is empty, or has characters that no token has.`);
}
