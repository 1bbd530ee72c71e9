import { createHub, type HubOptions } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { DEFAULT_PULSE } from "throughline/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { resolveHubOptions } from "../../src/hub/options.js";

const log = createMemoryLog();

describe("the options of a hub", () => {
  it("need only a log", () => {
    const { onError: _, ...settings } = resolveHubOptions({ log });
    expect(settings).toEqual({
      proxyTrust: { header: "x-forwarded-for", isSet: false, trusts: expect.any(Function) },
      maxConnectionsPerAddress: 5000,
      maxConnectionsPerIdentity: 100,
      subscribeRate: { perSecond: 1000, burst: 10_000 },
      publishRate: { perSecond: 10_000, burst: 50_000 },
      bodyTimeoutMs: 30_000,
      maxPendingBodyBytes: 67_108_864,
      maxHeaderBytes: 16_384,
      maxHeaders: 100,
      maxQueuedBytes: 268_435_456,
      maxConnectionAgeMs: 14_400_000,
      log,
      basePath: "",
      pulse: DEFAULT_PULSE,
      heartbeatMs: 30_000,
      heartbeatType: expect.any(Function),
      leaseMs: 30_000,
      maxConnections: 10_000,
      maxEventBytes: 1_048_576,
      maxBatchEvents: 1000,
      maxBodyBytes: 8_388_608,
      maxTopics: 100,
      highWaterBytes: 65_536,
      cache: { events: 1024, bytes: 1_048_576 },
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ["log", { log: undefined }],
    ["log", { log: {} }],
    ["basePath", { basePath: "events" }],
    ["basePath", { basePath: "/events/" }],
    ["basePath", { basePath: "/a b" }],
    ["pulse.intervalMs", { pulse: { intervalMs: 99, deadlineMs: 1000 } }],
    ["pulse.intervalMs", { pulse: { intervalMs: Number.NaN, deadlineMs: 1000 } }],
    ["pulse.deadlineMs", { pulse: { intervalMs: 1000, deadlineMs: 1000 } }],
    ["heartbeatMs", { heartbeatMs: 999 }],
    ["heartbeatMs", { heartbeatMs: 1000.5 }],
    ["heartbeatType", { heartbeatType: "" }],
    ["heartbeatType", { heartbeatType: "a\nb" }],
    ["leaseMs", { leaseMs: 0 }],
    ["maxConnections", { maxConnections: 0 }],
    ["maxConnections", { maxConnections: Number.POSITIVE_INFINITY }],
    ["maxEventBytes", { maxEventBytes: "1" }],
    ["maxBatchEvents", { maxBatchEvents: -1 }],
    ["maxBodyBytes", { maxBodyBytes: 0 }],
    ["maxTopics", { maxTopics: 0 }],
    ["highWaterBytes", { highWaterBytes: 0 }],
    ["authorize", { authorize: true }],
    ["authorizeTimeoutMs", { authorizeTimeoutMs: 0 }],
    ["authorizeTimeoutMs", { authorizeTimeoutMs: 60_001 }],
    ["renewBeforeMs", { renewBeforeMs: -1 }],
    ["reauthorizeMs", { reauthorizeMs: 999 }],
    ["reauthorizeMs", { reauthorizeMs: Number.POSITIVE_INFINITY }],
    ["authorizeGraceMs", { authorizeGraceMs: -1 }],
    ["cors.origins", { cors: {} }],
    ["cors.origins", { cors: { origins: "https://app.example" } }],
    ["cors.origins", { cors: { origins: "*", credentials: true } }],
    ["cors.credentials", { cors: { origins: [], credentials: "yes" } }],
    ["cors.maxAgeS", { cors: { origins: [], maxAgeS: 86_401 } }],
    ...[
      "*",
      "null",
      "app.example",
      "https://app.example/",
      "https://app.example/path",
      "https://APP.example",
      "https://app.example:443",
      "https://*.example",
      "https://user@app.example",
      7,
    ].map((origin): [string, Record<string, unknown>] => [
      "cors.origins[1]",
      { cors: { origins: ["https://app.example", origin] } },
    ]),
    ["cache.events", { cache: { events: -1, bytes: 0 } }],
    ["cache.bytes", { cache: { events: 0, bytes: Number.NaN } }],
    ["trustedProxies", { trustedProxies: "10.0.0.1" }],
    ["trustedProxies[0]", { trustedProxies: ["proxy"] }],
    ["trustedProxies[1]", { trustedProxies: ["10.0.0.1", "10.0.0.0/33"] }],
    ["trustedProxies[0]", { trustedProxies: ["fd00::/129"] }],
    ["trustedProxies[0]", { trustedProxies: [7] }],
    ["maxConnectionsPerAddress", { maxConnectionsPerAddress: 0 }],
    ["maxConnectionsPerIdentity", { maxConnectionsPerIdentity: 1.5 }],
    ["subscribeRate.perSecond", { subscribeRate: { perSecond: 0, burst: 1 } }],
    ["subscribeRate.burst", { subscribeRate: { perSecond: 1, burst: 0 } }],
    ["publishRate.perSecond", { publishRate: { perSecond: Number.POSITIVE_INFINITY, burst: 1 } }],
    ["publishRate.burst", { publishRate: { perSecond: 1 } }],
    ["bodyTimeoutMs", { bodyTimeoutMs: 0 }],
    ["bodyTimeoutMs", { bodyTimeoutMs: 86_400_001 }],
    ["maxPendingBodyBytes", { maxPendingBodyBytes: 8_388_607 }],
    ["maxHeaderBytes", { maxHeaderBytes: 0 }],
    ["maxConnectionAgeMs", { maxConnectionAgeMs: 59_999 }],
    ["maxQueuedBytes", { maxQueuedBytes: 65_535 }],
    ["maxHeaders", { maxHeaders: Number.NaN }],
    ["forwardedHeader", { forwardedHeader: "x-real-ip" }],
  ])("refuse a wrong %s by name: %j", (name, wrong) => {
    const create = () => createHub({ log, ...wrong } as HubOptions);
    expect(create).toThrow(`Option "${name}": expected `);
    expect(create).toThrow(expect.objectContaining({ code: "invalid-option", fault: "local" }));
  });
});

describe("the options about who may do what", () => {
  it("have defaults where there is a hook", () => {
    const authorize = () => ({});
    expect(resolveHubOptions({ log, authorize }).access).toEqual({
      authorize,
      authorizeTimeoutMs: 3000,
      renewBeforeMs: 30_000,
      reauthorizeMs: 30_000,
      authorizeGraceMs: 60_000,
    });
  });
});

describe("the time to close a hub", () => {
  it.each([-1, 1.5, Number.NaN, 86_400_001])("cannot be %d", async (withinMs) => {
    const hub = createHub({ log });
    await expect(hub.close({ withinMs })).rejects.toMatchObject({ code: "invalid-option" });
    await hub.close({ withinMs: 0 });
  });
});

describe("failures, where nobody listens to them", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("are written to the console, with where they happened", () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    const cause = new Error("disk gone");
    const { onError } = resolveHubOptions({ log });
    onError(cause, { operation: "deliver", stream: "news", connection: "c-1" });
    onError(cause, { operation: "publish" });
    expect(error.mock.calls).toEqual([
      ["throughline hub: deliver failed (stream news, connection c-1):", cause],
      ["throughline hub: publish failed:", cause],
    ]);
  });
});
