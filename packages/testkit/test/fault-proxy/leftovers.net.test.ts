// Alone in its file: it counts what keeps the process alive, and other tests would count too.

import { createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFaultProxy, type Fault } from "../../src/fault-proxy/index.js";
import { openClient } from "../support/raw-client.js";

/** A response whose last chunk has begun and goes no further. */
const RESPONSE =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n2000\r\nsecond";

const faults: readonly Fault[] = [
  { kind: "slow", bytesPerSecond: 1, direction: "both" },
  { kind: "delay", ms: 60_000 },
  { kind: "cut", after: "first", end: "reset" },
  { kind: "end-cleanly" },
  { kind: "freeze", direction: "both", thaw: true },
  { kind: "buffer", bytes: "until-close" },
  { kind: "refuse" },
];

describe("a closed proxy", () => {
  test.each(faults)("leaves no timer and no socket behind after $kind", async (fault) => {
    const origin = await startServer((socket) => {
      socket.on("error", () => {});
      socket.resume();
      socket.write(RESPONSE);
    });
    const proxy = await createFaultProxy({ upstream: { host: "127.0.0.1", port: origin.port } });
    const client = openClient(proxy.port);
    await client.sees("second");
    const played = proxy.play([{ fault, forMs: 60_000 }]);
    const late = openClient(proxy.port);
    late.get();
    await late.listen(20);
    await proxy.close();
    await played;
    await Promise.all([client.end, late.end]);
    await origin.close();
    expect(await leftovers()).toEqual([]);
  });
});

/**
 * The sockets, servers and timers that stay. The test runner has short timers of its own: what is gone
 * within 700 ms was not left behind; the timers of these faults would stay for a second at least.
 */
async function leftovers(): Promise<string[]> {
  const kinds = ["TCPSocketWrap", "TCPServerWrap", "TCPConnectWrap", "Timeout"];
  const giveUpAtMs = performance.now() + 700;
  for (;;) {
    await new Promise(setImmediate);
    const left = process.getActiveResourcesInfo().filter((name) => kinds.includes(name));
    if (left.length === 0 || performance.now() > giveUpAtMs) return left;
  }
}

async function startServer(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { port: address.port, close };
}
