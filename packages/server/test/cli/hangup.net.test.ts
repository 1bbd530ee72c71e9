// SIGHUP while a hub with a certificate is still being started.

import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import type { CliHost } from "../../src/cli/cli-host.js";
import { serveCommand } from "../../src/cli/serve-command.js";
import { writeCertificate } from "./certificate.js";

it("a request to read the certificate again is kept until the hub has started", async () => {
  const folder = await mkdtemp(join(tmpdir(), "throughline-hangup-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { certPath, keyPath } = await writeCertificate(folder);
  const events: string[] = [];
  let hangUp = () => {};
  let stop = () => {};
  const host: CliHost = {
    environment: {},
    stdin: (async function* () {})(),
    stdout: {
      write: (text) => {
        for (const line of text.trimEnd().split("\n")) {
          const { event } = JSON.parse(line) as { event: string };
          events.push(event);
          if (event === "certificate-read") stop();
        }
      },
    },
    stderr: { write: () => {} },
    onSignal: (listener) => {
      stop = listener;
      return () => {};
    },
    onHangup: (listener) => {
      hangUp = listener;
      return () => {};
    },
    exit: () => {},
  };
  const argv = ["--log", "memory", "--port", "0", "--not-ready-ms", "0", "--drain-ms", "0"];
  const ended = serveCommand([...argv, "--tls-cert", certPath, "--tls-key", keyPath], host);
  // Nothing has been waited for since the start: without a listener the signal would end the process.
  hangUp();
  expect(await ended).toBe(0);
  // Lines are written at the end of the turn.
  await setImmediate();
  expect(events.filter((event) => /^(?:listening|certificate-read|stopped)$/.test(event))).toEqual([
    "listening",
    "certificate-read",
    "stopped",
  ]);
});
