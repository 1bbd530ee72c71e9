// What operators may ask, and who is not answered, on the objects of node:http alone.

import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import {
  createOperatorEndpoints,
  type OperatorEndpointsOptions,
} from "@throughline/server/operations";
import { describe, expect, it } from "vitest";

interface Asked {
  readonly method?: string;
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const WELL: OperatorEndpointsOptions = {
  health: {
    live: () => ({ ok: true, eventLoopDelayMs: 3 }),
    ready: () => ({
      ok: true,
      parts: { append: { ok: true }, tail: { ok: true }, serving: { ok: true } },
    }),
  },
  metrics: { text: async () => "up 1\n", contentType: "text/plain; version=0.0.4" },
};

/** Asks, and tells status and body; `undefined` where it is somebody else's request. */
async function ask(url: string, options: OperatorEndpointsOptions, asked: Asked = {}) {
  const { method = "GET", from = "127.0.0.1", headers = {} } = asked;
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: from });
  const request = new IncomingMessage(socket);
  Object.assign(request, { method, url, headers });
  const response = new ServerResponse(request);
  let body = "";
  response.end = ((text: string) => {
    body = text;
    return response;
  }) as ServerResponse["end"];
  if (!createOperatorEndpoints(options)(request, response)) return undefined;
  await Promise.resolve();
  await Promise.resolve();
  return { status: response.statusCode, body, type: response.getHeader("content-type") };
}

describe("the operator endpoints", () => {
  it("answer 200 while all is well", async () => {
    expect(await ask("/healthz", WELL)).toMatchObject({
      status: 200,
      body: '{"ok":true,"eventLoopDelayMs":3}\n',
    });
    expect(await ask("/readyz?verbose", WELL)).toMatchObject({ status: 200 });
    expect(await ask("/metrics", WELL)).toEqual({
      status: 200,
      body: "up 1\n",
      type: "text/plain; version=0.0.4",
    });
  });

  it("leave other addresses alone where they stand behind a path of their own", async () => {
    const options = { ...WELL, prefix: "/throughline" };
    expect(await ask("/throughline/healthz", options)).toMatchObject({ status: 200 });
    expect(await ask("/healthz", options)).toBeUndefined();
    expect(await ask("/throughline", options)).toBeUndefined();
  });

  it("answer 503 and name the part that is not well", async () => {
    const ill: OperatorEndpointsOptions = {
      health: {
        live: () => ({ ok: false, eventLoopDelayMs: 9000 }),
        ready: () => ({
          ok: false,
          parts: {
            append: { ok: true },
            tail: { ok: false, reason: "deaf" },
            serving: { ok: true },
          },
        }),
      },
    };
    expect(await ask("/healthz", ill)).toMatchObject({ status: 503 });
    const { status, body = "" } = (await ask("/readyz", ill)) ?? {};
    expect([status, JSON.parse(body)]).toMatchObject([
      503,
      { ok: false, parts: { tail: { ok: false, reason: "deaf" } } },
    ]);
  });

  it.each(["/", "/streams/healthz", "/healthz/x", "/healthzz", "/METRICS"])(
    "leave %s to whoever else is there",
    async (url) => {
      expect(await ask(url, WELL)).toBeUndefined();
    },
  );

  it("have no /metrics where nothing is counted", async () => {
    expect(await ask("/metrics", { health: WELL.health })).toBeUndefined();
  });

  it.each(["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])(
    "answer a program on this machine: %s",
    async (from) => {
      expect(await ask("/readyz", WELL, { from })).toMatchObject({ status: 200 });
    },
  );

  it.each(["10.0.0.1", "192.168.1.2", "::2", "::ffff:10.0.0.1", "128.0.0.1", "1270.0.0.1", ""])(
    "are not there for anybody else: %j",
    async (from) => {
      for (const url of ["/healthz", "/readyz", "/metrics"]) {
        expect(await ask(url, WELL, { from })).toBeUndefined();
      }
    },
  );

  it.each(["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"])(
    "are not there for what a proxy on this machine passes on with %s",
    async (name) => {
      expect(await ask("/metrics", WELL, { headers: { [name]: "x" } })).toBeUndefined();
    },
  );

  it("answer everybody on a server of their own", async () => {
    const asked = { from: "10.0.0.1", headers: { via: "1.1 x" } };
    expect(await ask("/metrics", { ...WELL, openTo: "anybody" }, asked)).toMatchObject({
      status: 200,
    });
  });

  it("show the metrics only to those who know the token, and health to all", async () => {
    const options = { ...WELL, metricsToken: "letmein" };
    const as = (authorization: string) => ask("/metrics", options, { headers: { authorization } });
    expect(await ask("/metrics", options)).toMatchObject({ status: 401 });
    expect(await as("Bearer letmeout")).toMatchObject({ status: 401 });
    expect(await as("Basic letmein")).toMatchObject({ status: 401 });
    expect(await as("Bearer letmein")).toMatchObject({ status: 200 });
    expect(await ask("/readyz", options)).toMatchObject({ status: 200 });
  });

  it("refuse what is neither GET nor HEAD", async () => {
    expect(await ask("/metrics", WELL, { method: "POST" })).toMatchObject({ status: 405 });
  });

  it("answer 500 where the metrics cannot be gathered, and show nothing of why", async () => {
    const metrics = {
      contentType: "text/plain",
      text: async () => {
        throw new Error("secret");
      },
    };
    const answer = await ask("/metrics", { ...WELL, metrics });
    expect([answer?.status, answer?.body.includes("secret")]).toEqual([500, false]);
  });
});
