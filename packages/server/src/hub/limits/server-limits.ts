// What a server of node:http has to be told so that nobody can hold its sockets without using them.

import type { Server, ServerOptions } from "node:http";

/** Limits of a server of `node:http`, with the reasons for what they are. */
export const SERVER_LIMITS = {
  /** Bytes of a request's head; the parser answers 431. As much as the hub itself takes. */
  maxHeaderSize: 16 * 1024,
  /** Milliseconds for the head to come, from the first byte on; then 408. A head is one packet. */
  headersTimeout: 10_000,
  /** Milliseconds for a whole request, body included. More than the hub waits for a body. */
  requestTimeout: 60_000,
  /** Milliseconds between two looks at the times above. Node's own 30 s would double them. */
  connectionsCheckingInterval: 2000,
  /**
   * Milliseconds that a connection may rest between two requests. Longer than the 60 s of nginx and
   * most load balancers, so that it is they who close: else a request crosses with the end, and
   * its reader is told 502. Also longer than the time between two leases.
   */
  keepAliveTimeout: 75_000,
  /** Requests on one connection, which is then closed: a chance for balancers to spread. */
  maxRequestsPerSocket: 10_000,
  /** Sockets: those of `maxConnections` readers, as many that rest between two leases. */
  maxConnections: 20_000,
} as const;

/**
 * The options with which to create a server for a hub:
 * `limitServer(createServer(hubServerOptions(), hub.handleNode))`. They do not touch responses that go
 * on: no time counts once a request is complete.
 */
export function hubServerOptions(): ServerOptions {
  const { maxHeaderSize, headersTimeout, requestTimeout } = SERVER_LIMITS;
  const { connectionsCheckingInterval, keepAliveTimeout } = SERVER_LIMITS;
  return {
    maxHeaderSize,
    headersTimeout,
    requestTimeout,
    connectionsCheckingInterval,
    keepAliveTimeout,
    // What follows is Node's default, and stands here because what it refuses is smuggling.
    insecureHTTPParser: false,
    requireHostHeader: true,
  };
}

/** Sets the limits of a server that cannot be given as options, and returns it. */
export function limitServer<S extends Server>(server: S): S {
  server.maxRequestsPerSocket = SERVER_LIMITS.maxRequestsPerSocket;
  server.maxConnections = SERVER_LIMITS.maxConnections;
  // The parser would leave out what is beyond a number, and that may be what a proxy has added. The
  // bytes are limited, and the hub refuses what has too many.
  server.maxHeadersCount = 0;
  return server;
}
