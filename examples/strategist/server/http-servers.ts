// Node's servers, as far as the example needs them: to listen, to be asked for the port, to end.

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Where what is not for others listens. */
export const LOOPBACK = "127.0.0.1";

/** Listens; rejects where the port cannot be had. 0 stands for any free one. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Stops listening, lets responses end for as long as given, then closes every connection. */
export function stop(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), withinMs);
    // A connection that is kept alive for more requests would be waited for.
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    // A server that never listened reports an error here, which is as good as closed.
    server.close(() => {
      clearTimeout(force);
      clearInterval(sweep);
      resolve();
    });
  });
}

/** The port on which a server listens. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** `http://host:port/` of a server that listens. */
export function urlOf(server: Server, host: string): string {
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return `http://${shownHost}:${portOf(server)}/`;
}
