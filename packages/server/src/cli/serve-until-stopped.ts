// From the start of a server to its end, by the signals of whoever runs it.

import { type CliHost, EXIT } from "./cli-host.js";
import type { RunningServer } from "./start-server.js";

/**
 * Starts a server, and resolves with the exit code when it has been told to stop and has: the first
 * signal begins the shutdown, a second one ends the process at once. Rejects where the server cannot go
 * on by itself, which ends the process, and its workers with it.
 */
export async function serveUntilStopped(
  host: CliHost,
  start: () => Promise<RunningServer>,
  { hasCertificate }: { readonly hasCertificate: boolean },
): Promise<number> {
  let signals = 0;
  let stopListening = () => {};
  let stopRenewing = () => {};
  // From before the start on: who stops a server that is still opening its log is heard, too.
  const asked = new Promise<void>((resolve) => {
    stopListening = host.onSignal(() => {
      signals += 1;
      if (signals === 1) resolve();
      else host.exit(EXIT.failed);
    });
  });
  try {
    const starting = start();
    if (hasCertificate) stopRenewing = host.onHangup(() => renewIn(starting));
    const server = await starting;
    try {
      await Promise.race([asked, server.failed ?? asked]);
    } finally {
      await server.shutDown();
    }
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
