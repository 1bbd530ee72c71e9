import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { createBoundedServer } from "../../src/cli/http-server.js";
import { createBoundedSecureServer } from "../../src/cli/secure-server.js";
import { SERVER_LIMITS } from "../../src/hub/index.js";

/** What Node looks at for every connection of HTTP/1.1, whatever it has come through. */
const BOUNDS = [
  "maxHeaderSize",
  "headersTimeout",
  "requestTimeout",
  "connectionsCheckingInterval",
  "keepAliveTimeout",
  "maxRequestsPerSocket",
  "maxHeadersCount",
  "maxConnections",
  "insecureHTTPParser",
  "requireHostHeader",
] as const;

it("a server with TLS has the bounds of one without", () => {
  const plain: object = createBoundedServer(100, () => {});
  const { server } = createBoundedSecureServer({ cert: "", key: "" }, 100, () => {});
  const of = (bounded: object) => BOUNDS.map((name) => [name, Reflect.get(bounded, name)]);
  expect(of(server)).toEqual(of(plain));
  expect(of(plain).filter(([, value]) => value === undefined)).toEqual([]);
});

it("a connection of HTTP/2 that is idle is ended as one of HTTP/1.1 is", () => {
  const { server } = createBoundedSecureServer({ cert: "", key: "" }, 100, () => {});
  const did: unknown[] = [];
  const session = Object.assign(new EventEmitter(), {
    close: () => did.push("closed"),
    setTimeout: (afterMs: number, onIdle: () => void) => {
      did.push(afterMs);
      onIdle();
    },
  });
  server.emit("session", session);
  expect(did).toEqual([SERVER_LIMITS.keepAliveTimeout, "closed"]);
});
