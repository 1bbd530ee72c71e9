// The hook behind real servers: what it is handed, and what becomes of a body that nobody wanted.

import { Agent, createServer, type IncomingMessage, request as send } from "node:http";
import { createHub } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { afterEach, describe, expect, it } from "vitest";
import { listen, startNodeHub, startWebHub, stopServer } from "./running-hub.js";

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

describe("the hook", () => {
  it("is handed the request with what a framework has put on it", async () => {
    const hub = createHub({
      log: createMemoryLog(),
      authorize: ({ request }) => {
        const { user } = request as IncomingMessage & { readonly user?: string };
        return user === undefined ? { status: 401 } : { identity: user };
      },
    });
    const server = createServer((request, response) => {
      const isKnown = request.headers.cookie === "session=1";
      hub.handleNode(isKnown ? Object.assign(request, { user: "alice" }) : request, response);
    });
    const url = `http://127.0.0.1:${await listen(server)}/streams/news`;
    stops.push(
      () => hub.close({ withinMs: 0 }),
      () => stopServer(server),
    );
    expect((await fetch(url)).status).toBe(401);
    const response = await fetch(url, { headers: { cookie: "session=1" } });
    expect(response.status).toBe(200);
    expect(hub.revoke({ identity: "alice" })).toBe(1);
    expect(await response.text()).toContain("throughline.hello");
  });

  it("is handed a web-standard request itself", async () => {
    const seen: unknown[] = [];
    const hub = createHub({
      log: createMemoryLog(),
      authorize: ({ request }) => {
        seen.push(request);
        return { status: 403 };
      },
    });
    const request = new Request("http://hub/streams/news");
    expect((await hub.fetch(request)).status).toBe(403);
    expect(seen).toEqual([request]);
    expect(seen[0]).toBe(request);
  });
});

describe("a publication that is refused", () => {
  it("is answered before its body has come, and the connection serves the next request", async () => {
    const running = await startNodeHub({ authorize: () => ({ status: 401 }) });
    stops.push(() => running.stop());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { port } = running;
    const options = { host: "127.0.0.1", port, agent, path: "/streams/news", method: "POST" };
    for (let time = 0; time < 2; time += 1) {
      const headers = { "content-type": "application/json", "content-length": 2_000_000 };
      const request = send({ ...options, headers });
      request.write("[".repeat(1000));
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request.once("response", resolve).once("error", reject);
      });
      expect(response.statusCode).toBe(401);
      request.end("[".repeat(1_999_000));
      for await (const _ of response);
    }
    agent.destroy();
    expect(running.errors).toEqual([]);
  });
});

describe.each([
  ["node:http", startNodeHub],
  ["web-standard requests", startWebHub],
])("a preflight over %s", (_, start) => {
  it("has its answer without a body", async () => {
    const running = await start({ cors: { origins: ["https://app.example"] } });
    stops.push(() => running.stop());
    const headers = { origin: "https://app.example", "access-control-request-method": "GET" };
    const response = await running.request("/streams/news", { method: "OPTIONS", headers });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(response.headers.get("access-control-max-age")).toBe("7200");
  });
});
