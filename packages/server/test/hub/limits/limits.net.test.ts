// Scenario 28 on real sockets: whoever asks for too much is refused, and everybody else is served.

import { createServer } from "node:http";
import { createHub, hubServerOptions, limitServer, SERVER_LIMITS } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { afterEach, describe, expect, it } from "vitest";
import { EventReader } from "../event-reader.js";
import { RawSocket } from "../raw-socket.js";
import { listen, type RunningHub, startNodeHub, startWebHub, stopServer } from "../running-hub.js";

let running: RunningHub | undefined;
afterEach(async () => {
  await running?.stop();
  expect(running?.errors ?? []).toEqual([]);
  running = undefined;
});

const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

describe("behind node:http, a hub", () => {
  it("counts readers by the address that a trusted proxy gives, and nobody else's word", async () => {
    running = await startNodeHub({ maxConnectionsPerAddress: 1, trustedProxies: ["127.0.0.1"] });
    const from = (address: string) =>
      running?.request("/streams/news", { headers: { "x-forwarded-for": address } }) ??
      Promise.reject(new Error("no hub"));
    const first = new EventReader((await from("203.0.113.1")).body);
    const second = await from("203.0.113.9, 203.0.113.1");
    expect([second.status, await codeOf(second)]).toEqual([429, "too-many-connections-of-address"]);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThanOrEqual(2);
    const other = new EventReader((await from("203.0.113.2")).body);
    await Promise.all([first.cancel(), other.cancel()]);
  });

  it("answers 408 to a body that does not come, and closes the connection", async () => {
    running = await startNodeHub({ bodyTimeoutMs: 100 });
    const client = await RawSocket.open(running.port);
    client.request(
      "POST /streams/news HTTP/1.1",
      "Host: hub",
      "Content-Type: application/json",
      "Content-Length: 1000",
    );
    client.socket.write('{"data":');
    const text = await client.closed();
    expect(text).toMatch(/^HTTP\/1\.1 408 [\s\S]*body-too-slow/);
  });

  it("answers 431 to more headers than it takes, though each is small", async () => {
    running = await startNodeHub();
    const client = await RawSocket.open(running.port);
    const many = Array.from({ length: 150 }, (_, index) => `x-${index}: 1`);
    client.request("GET /streams/news HTTP/1.1", "Host: hub", ...many);
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 431 [\s\S]*headers-too-large/);
  });
});

describe("behind web-standard requests, a hub", () => {
  it("counts readers by the address that the framework gives", async () => {
    running = await startWebHub({ maxConnectionsPerAddress: 1 });
    const from = (remoteAddress: string) => {
      const request = new Request("http://hub/streams/news");
      return running?.hub.fetch(request, { remoteAddress }) ?? Promise.reject(new Error("no hub"));
    };
    const first = new EventReader((await from("203.0.113.1")).body);
    const second = await from("::ffff:203.0.113.1");
    expect([second.status, await codeOf(second)]).toEqual([429, "too-many-connections-of-address"]);
    const other = new EventReader((await from("203.0.113.2")).body);
    await Promise.all([first.cancel(), other.cancel()]);
  });

  it("answers 408 to a body that does not come, and cancels it", async () => {
    running = await startWebHub({ bodyTimeoutMs: 50 });
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      cancel: () => {
        isCancelled = true;
      },
    });
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    const response = await running.request("/streams/news", init);
    expect([response.status, await codeOf(response), isCancelled]).toEqual([
      408,
      "body-too-slow",
      true,
    ]);
  });

  it("answers 431 to more headers than it takes", async () => {
    running = await startWebHub({ maxHeaders: 5 });
    const headers = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [`x-${index}`, "1"]),
    );
    expect((await running.request("/streams/news", { headers })).status).toBe(431);
  });
});

describe("a server with the limits for a hub", () => {
  it("has them, lets a stream go on, and refuses what only its parser sees", async () => {
    const hub = createHub({ log: createMemoryLog() });
    const server = limitServer(createServer(hubServerOptions(), hub.handleNode));
    const { headersTimeout, requestTimeout, keepAliveTimeout } = SERVER_LIMITS;
    expect(server).toMatchObject({ headersTimeout, requestTimeout, keepAliveTimeout });
    expect(server.maxConnections).toBe(SERVER_LIMITS.maxConnections);
    const port = await listen(server);
    const refused = async (...lines: string[]) =>
      (await (await RawSocket.open(port)).request(...lines).closed()).split("\r\n")[0];
    const reader = await RawSocket.open(port);
    reader.request("GET /streams/news HTTP/1.1", "Host: hub");
    await reader.until((text) => text.includes("throughline.hello"));

    const post = ["POST /streams/news HTTP/1.1", "Host: hub", "Content-Type: application/json"];
    const both = [...post, "Content-Length: 4", "Transfer-Encoding: chunked"];
    expect(await refused(...both, "", "0", "", "")).toBe("HTTP/1.1 400 Bad Request");
    expect(await refused(...post, "Content-Length: 4", "Content-Length: 5")).toContain("400");
    expect(await refused("GET /streams/news HTTP/1.1")).toContain("400");
    const bomb = `X-Bomb: ${"x".repeat(17_000)}`;
    expect(await refused("GET /streams/news HTTP/1.1", "Host: hub", bomb)).toContain("431");

    await hub.publish("news", { data: "still here" });
    await reader.until((text) => text.includes("still here"));
    reader.socket.destroy();
    await stopServer(server);
    await hub.close({ withinMs: 0 });
  });
});
