// Servers of node:http with all their limits set, and what goes wrong when they begin to listen.

import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, ListenOptions, Server as NetServer } from "node:net";
import { hubServerOptions, leanServer, limitServer } from "../hub/index.js";
import { UsageError } from "./config/usage-error.js";

/** Sockets beside those of readers: publishers, renewals, and those who are told to come later. */
const SPARE_CONNECTIONS = 1000;

/**
 * Connections that wait to be accepted: as many as Linux allows by default. With the 511 of Node a crowd that comes back
 * at once runs over, and whoever is dropped tries again after one second, three, seven.
 */
const BACKLOG = 4096;

/** Most sockets of a server for so many readers: each may have another one at rest, for its leases. */
export function socketsFor(connections: number): number {
  return 2 * connections + SPARE_CONNECTIONS;
}

/** A server with the limits of `docs/limits.md`, for so many connections that go on. */
export function createBoundedServer(connections: number, listener: RequestListener): Server {
  const server = leanServer(limitServer(createServer(hubServerOptions(), listener)));
  server.maxConnections = socketsFor(connections);
  return server;
}

/**
 * Begins to listen.
 *
 * @returns the address, with the port that was taken where any would do
 * @throws UsageError with a sentence that says what to do
 */
export async function listen(
  server: NetServer,
  { host, port }: { readonly host: string; readonly port: number },
  scheme: "http" | "https" = "http",
): Promise<string> {
  try {
    await listenOn(server, { host, port });
  } catch (error) {
    throw new UsageError(explain(error, host, port));
  }
  const { port: taken } = server.address() as AddressInfo;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${taken}`;
}

/** Begins to listen, on whatever `node:net` can listen on. Rejects with Node's own error. */
export async function listenOn(server: NetServer, where: ListenOptions): Promise<void> {
  server.listen({ backlog: BACKLOG, ...where });
  await once(server, "listening");
}

/** Ends a server whose streams are over: what is still open is idle, or nobody waits for it. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

const LARGEST_PORT = 65_535;

function explain(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  switch (code) {
    case "EADDRINUSE": {
      const other = port < LARGEST_PORT ? port + 1 : port - 1;
      return `Port ${port} on ${host} is taken. Choose another one, for example: --port ${other}`;
    }
    case "EACCES":
      return `Port ${port} on ${host} may not be used by this account.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is no address of this machine.`;
    default:
      return `It is not possible to listen on ${host}, port ${port}: ${code}.`;
  }
}
