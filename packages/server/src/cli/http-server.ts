// Servers of node:http with all their limits set, and what goes wrong when they begin to listen.

import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError } from "./config/usage-error.js";

/** A header that has not come by then is somebody who holds a socket open, not a slow network. */
const HEADERS_TIMEOUT_MS = 10_000;

/** The same for a whole request: 8 MiB at 300 kB/s. The answer may go on for ever. */
const REQUEST_TIMEOUT_MS = 30_000;

/** How often the two are looked at. */
const CHECK_EVERY_MS = 5000;

/** Longer than the pause between two renewals of a lease would hold a socket for nothing. */
const KEEP_ALIVE_MS = 5000;

/** Room for cookies and tokens; what is larger is answered 431. */
const MAX_HEADER_BYTES = 16 * 1024;

/** Sockets beside those of readers: publishers, renewals, and those who are told to come later. */
const SPARE_CONNECTIONS = 1000;

/** A server that takes a limited number of connections, and waits for nobody for ever. */
export function createBoundedServer(connections: number, listener: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    listener,
  );
  server.maxConnections = connections + SPARE_CONNECTIONS;
  return server;
}

/**
 * Begins to listen.
 *
 * @returns the address, with the port that was taken where any would do
 * @throws UsageError with a sentence that says what to do
 */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    throw new UsageError(explain(error, host, port));
  }
  const { port: taken } = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${taken}`;
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
