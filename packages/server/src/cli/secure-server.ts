// The server of a hub that does TLS itself: HTTP/2, and HTTP/1.1 for those who do not speak it.

import { once } from "node:events";
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { hubServerOptions, SERVER_LIMITS } from "../hub/index.js";
import type { TlsConfig } from "./config/server-settings.js";
import { UsageError } from "./config/usage-error.js";
import { socketsFor } from "./http-server.js";
import { readSettingFile } from "./read-file.js";

/** Requests at a time on one connection of HTTP/2: as many as one identity may have streams. */
const CONCURRENT_STREAMS = 100;

/** How long connections may take to say goodbye when there is nothing left on them, in milliseconds. */
const FAREWELL_MS = 1000;

/** A certificate with its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads what the settings point to; `undefined` where nothing is said of TLS.
 *
 * @throws UsageError where one of the two is missing, or they cannot be read, or do not go together
 */
export function readCertificate({ tlsCert, tlsKey }: TlsConfig): Certificate | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    const [given, missing] = tlsCert === undefined ? ["tlsKey", "tlsCert"] : ["tlsCert", "tlsKey"];
    throw new UsageError(`Setting "${given}": expected "${missing}" beside it; got none.`);
  }
  const cert = readSettingFile("tlsCert", tlsCert);
  const key = readSettingFile("tlsKey", tlsKey);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new UsageError(
      `Settings tlsCert and tlsKey: expected a certificate and its private key as PEM; got ` +
        `${JSON.stringify(tlsCert)} and ${JSON.stringify(tlsKey)}${code}.`,
    );
  }
  return { cert, key };
}

/** A server that does TLS. */
export interface SecureServer {
  readonly server: Http2SecureServer;
  /** For connections that come from now on. */
  setCertificate(certificate: Certificate): void;
  /** Asks those who speak HTTP/2 for no more requests on their connections (GOAWAY); streams go on. */
  retire(): void;
  /** Ends a server whose streams are over. */
  close(): Promise<void>;
}

/** Creates one with the limits of `docs/limits.md`, for so many streams that go on. */
export function createBoundedSecureServer(
  certificate: Certificate,
  connections: number,
  listener: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
): SecureServer {
  const { headersTimeout, keepAliveTimeout, maxRequestsPerSocket } = SERVER_LIMITS;
  const server = createSecureServer(
    {
      ...certificate,
      allowHTTP1: true,
      // Like a head, a handshake is a packet or two.
      handshakeTimeout: headersTimeout,
      settings: { maxConcurrentStreams: CONCURRENT_STREAMS },
    },
    listener,
  );
  // What node:http takes as options is read here as properties, by the part that speaks HTTP/1.1.
  const maxConnections = socketsFor(connections);
  Object.assign(server, hubServerOptions(), { maxRequestsPerSocket, maxHeadersCount: 0 });
  server.maxConnections = maxConnections;

  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    // Streams write at every pulse, so this is a connection without any.
    session.setTimeout(keepAliveTimeout, () => session.close());
  });
  const retire = () => {
    for (const session of sessions) session.close();
  };
  return {
    server,
    setCertificate: (renewed) => server.setSecureContext(renewed),
    retire,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      retire();
      server.close();
      const cutOff = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, FAREWELL_MS);
      await closed;
      clearTimeout(cutOff);
    },
  };
}
