// A connection to a server, with HTTP/2 where both sides can, as browsers do it; and requests on it.

import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Line, Opened } from "./exchange.js";
import { requestHttp1 } from "./http1.js";
import { requestHttp2 } from "./http2.js";

/** How long a connection may take: longer than any that is of use. */
const CONNECT_WITHIN_MS = 5000;

/** Opens a connection to the server of an address. */
export async function openLine(url: URL): Promise<Opened> {
  const beganMs = performance.now();
  try {
    const { socket, protocol } = await openSocket(url);
    const connectMs = performance.now() - beganMs;
    // What goes wrong on it later is told by the request that it concerns.
    socket.on("error", () => {});
    if (protocol !== "h2") {
      return {
        kind: "open",
        line: {
          protocol,
          connectMs,
          request: (ask) => requestHttp1(socket, ask),
          close: () => socket.destroy(),
        },
      };
    }
    const session: ClientHttp2Session = connectHttp2(url.origin, {
      createConnection: () => socket,
    });
    session.on("error", () => {});
    return {
      kind: "open",
      line: {
        protocol,
        connectMs,
        request: (ask) => requestHttp2(session, ask),
        close: () => session.destroy(),
      },
    };
  } catch (error) {
    return { kind: "unreachable", code: codeOf(error) };
  }
}

interface OpenSocket {
  readonly socket: Socket;
  readonly protocol: Line["protocol"];
}

function openSocket({ protocol, hostname, port }: URL): Promise<OpenSocket> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const isTls = protocol === "https:";
  return new Promise((resolve, reject) => {
    const opened = (socket: Socket, alpn: string | false | null) => {
      clearTimeout(late);
      socket.off("error", failed);
      resolve({ socket, protocol: alpn === "h2" ? "h2" : "http/1.1" });
    };
    const failed = (error: Error) => {
      clearTimeout(late);
      reject(error);
    };
    const target = { host, port: port === "" ? (isTls ? 443 : 80) : Number(port) };
    const socket = isTls
      ? connectTls({
          ...target,
          // A name; RFC 6066 §3 allows no addresses here.
          servername: isIP(host) === 0 ? host : "",
          ALPNProtocols: ["h2", "http/1.1"],
        })
      : connectTcp(target);
    const late = setTimeout(() => {
      socket.destroy(Object.assign(new Error("too late"), { code: "ETIMEDOUT" }));
    }, CONNECT_WITHIN_MS);
    socket.once("error", failed);
    if ("alpnProtocol" in socket) {
      socket.once("secureConnect", () => opened(socket, socket.alpnProtocol));
    } else socket.once("connect", () => opened(socket, null));
  });
}

/** The word by which people know an error of the system. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof Error && "code" in error) return String(error.code);
  return error instanceof Error ? error.name : "unknown";
}
