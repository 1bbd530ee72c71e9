import { expect, it } from "vitest";
import { createBoundedServer } from "../../src/cli/http-server.js";
import { createBoundedSecureServer } from "../../src/cli/secure-server.js";

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
