import { createMemoryLog } from "@throughline/server/log";
import { describe, expect, it } from "vitest";
import { type GatewayOptions, resolveGatewayOptions } from "../../src/gateway/options.js";
import { route } from "./routes.js";

const OPTIONS: GatewayOptions = {
  upstream: "http://127.0.0.1:5000",
  routes: [route()],
  identity: { cookies: ["session"], headers: ["Authorization"] },
  log: createMemoryLog(),
};

describe("the options of a gateway", () => {
  it("need a backend, routes, identity and a log", () => {
    const { upstream, maxUpstreams, hubOptions } = resolveGatewayOptions(OPTIONS);
    expect([upstream.href, maxUpstreams]).toEqual(["http://127.0.0.1:5000/", 4]);
    expect(hubOptions).toMatchObject({
      maxConnections: 10_000,
      maxConnectionsPerIdentity: 10_000,
    });
  });

  it.each<[string, Partial<GatewayOptions>]>([
    ["upstream", { upstream: "127.0.0.1:5000" }],
    ["upstream", { upstream: "http://127.0.0.1:5000/api" }],
    ["upstream", { upstream: "http://user@127.0.0.1:5000" }],
    ["upstream", { upstream: "ftp://127.0.0.1" }],
    ["maxUpstreams", { maxUpstreams: 0 }],
    ["maxConnections", { maxConnections: 1.5 }],
    ["identity.headers", { identity: { cookies: [], headers: ["Host"] } }],
    ["identity.headers", { identity: { cookies: [], headers: ["cookie"] } }],
    ["identity.headers", { identity: { cookies: [], headers: ["a b"] } }],
    ["identity.cookies", { identity: { cookies: ["a;b"], headers: [] } }],
    ["routes.feed.identity", { routes: [route({ identity: "shared", isChecked: true })] }],
  ])("refuse %s where it cannot be meant", (name, wrong) => {
    expect(() => resolveGatewayOptions({ ...OPTIONS, ...wrong })).toThrow(name);
  });
});
