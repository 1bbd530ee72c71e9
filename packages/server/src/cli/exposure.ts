// Without any authorization a hub is for this machine only, unless somebody says otherwise in words
// that cannot be misread.

import type { ServeConfig } from "./config/serve-settings.js";
import { UsageError } from "./config/usage-error.js";

/** Whether only programs on this machine can reach what listens on a host. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** @throws UsageError where anybody on the network could read and publish, and nobody has said so */
export function refuseOpenDoor(
  { host, allowAnyoneToReadAndPublish }: ServeConfig,
  { hasAuthorization }: { readonly hasAuthorization: boolean },
): void {
  if (hasAuthorization || allowAnyoneToReadAndPublish || isLoopbackHost(host)) return;
  throw new UsageError(
    `Setting "host": without authorization expected an address of this machine alone, such as ` +
      `127.0.0.1; got ${JSON.stringify(host)}. If whoever reaches it may read and publish ` +
      "everything, say --allow-anyone-to-read-and-publish.",
  );
}
