// A way to a server on which packets can be made to vanish, for each address of the server by itself.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BlackholeDirection, createNamespaces } from "./namespaces.js";

/** The way, ready for readers. */
export interface BlackholePath {
  readonly addresses: readonly string[];
  /** The same on each of them. */
  readonly port: number;
  /** Resolves when it is in force; so does {@link unblock}. */
  block(address: string, direction: BlackholeDirection): Promise<void>;
  unblock(address: string): Promise<void>;
  /** When the server last wrote to whoever asked at this address, on the clock of `performance.now()`. */
  lastByteDownMs(address: string): number | undefined;
  /** Removes everything. */
  close(): Promise<void>;
}

const RELAY = fileURLToPath(new URL("../../dist/blackhole/relay-process.js", import.meta.url));

/**
 * Opens a way to a port of loopback.
 *
 * @param options.addresses how many readers can have an address of their own
 * @throws where namespaces are not permitted
 */
export async function openBlackholePath(options: {
  readonly port: number;
  readonly addresses: number;
}): Promise<BlackholePath> {
  const network = await createNamespaces(options.addresses);
  const folder = await mkdtemp(join(tmpdir(), "throughline-blackhole-"));
  const socketPath = join(folder, "relay");
  const lastBytesMs = new Map<string, number>();
  const sockets = new Set<Socket>();
  const bridge = createServer({ allowHalfOpen: true }, (socket) => {
    const inner = connect({ port: options.port, host: "127.0.0.1", allowHalfOpen: true });
    for (const each of [socket, inner]) {
      sockets.add(each);
      each.once("close", () => sockets.delete(each));
    }
    bridgeTo(socket, inner, (address) => lastBytesMs.set(address, performance.now()));
  });
  let relay: ChildProcess | undefined;
  const close = async () => {
    relay?.kill("SIGKILL");
    for (const socket of sockets) socket.destroy();
    bridge.close();
    await network.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    bridge.listen(socketPath);
    await once(bridge, "listening");
    const started = startRelay(network.server, socketPath);
    relay = started.child;
    return {
      addresses: network.addresses,
      port: await started.port,
      block: network.block,
      unblock: network.unblock,
      lastByteDownMs: (address) => lastBytesMs.get(address),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Pipes both ways, once the first line has said which address was asked. */
function bridgeTo(socket: Socket, inner: Socket, onByteDown: (address: string) => void): void {
  let address: string | undefined;
  socket.on("data", (bytes: Buffer) => {
    if (address !== undefined) {
      inner.write(bytes);
      return;
    }
    const end = bytes.indexOf("\n");
    address = bytes.toString("latin1", 0, end);
    if (bytes.length > end + 1) inner.write(bytes.subarray(end + 1));
  });
  inner.on("data", (bytes: Buffer) => {
    if (address !== undefined) onByteDown(address);
    socket.write(bytes);
  });
  for (const [one, other] of [
    [socket, inner],
    [inner, socket],
  ] as const) {
    one.on("end", () => other.end());
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
}

function startRelay(namespace: string, socketPath: string) {
  const args = ["netns", "exec", namespace, process.execPath, RELAY, socketPath];
  const child = spawn("ip", args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const gone = once(child, "exit").then(() => {
    throw new Error("The relay in the namespace has ended before it listened.");
  });
  gone.catch(() => {});
  const port = Promise.race([once(child, "message"), gone]).then(([said]) => Number(said));
  return { child, port };
}
