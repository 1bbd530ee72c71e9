import { describe, expect, test } from "vitest";
import { startOrigin } from "../support/origin.js";
import { startProxy } from "../support/proxied.js";
import { openClient } from "../support/raw-client.js";

describe("the statistics", () => {
  test("say when each connection and each request began", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const beganAtMs = performance.now();
    const first = openClient(proxy.port);
    first.get("/reply");
    await first.sees("ok");
    const secondAtMs = performance.now();
    first.get("/missing?a=1");
    await first.sees("404");
    const second = openClient(proxy.port);
    second.get("/reply");
    await second.sees("ok");
    const { accepted, requests, connectionAttempts, requestHeads } = proxy.statistics;
    expect({ accepted, requests }).toEqual({ accepted: 2, requests: 3 });
    expect(connectionAttempts.map(({ connection }) => connection)).toEqual([1, 2]);
    expect(
      requestHeads.map(({ connection, method, target }) => [connection, method, target]),
    ).toEqual([
      [1, "GET", "/reply"],
      [1, "GET", "/missing?a=1"],
      [2, "GET", "/reply"],
    ]);
    const times = requestHeads.map(({ begunAtMs }) => begunAtMs);
    expect(times[0]).toBeGreaterThanOrEqual(beganAtMs);
    expect(times[0]).toBeLessThanOrEqual(secondAtMs);
    expect(times[1]).toBeGreaterThanOrEqual(secondAtMs);
  });

  test("date a request by its first byte, not by the end of its head", async () => {
    const proxy = await startProxy(await startOrigin());
    const client = openClient(proxy.port);
    client.socket.write("GET /reply HTTP/1.1\r\n");
    await expect.poll(() => proxy.statistics.bytesUp).toBeGreaterThan(0);
    await client.listen(120);
    client.socket.write("Host: test\r\n\r\n");
    await client.sees("ok");
    const [request] = proxy.statistics.requestHeads;
    expect((request?.headAtMs ?? 0) - (request?.begunAtMs ?? 0)).toBeGreaterThan(90);
  });

  test("show requests that nobody will answer", async () => {
    const proxy = await startProxy(await startOrigin());
    for (const kind of ["accept-stall", "freeze"] as const) {
      await proxy.set(kind === "freeze" ? { kind, direction: "both" } : { kind });
      const client = openClient(proxy.port);
      client.get(`/${kind}`);
      await client.listen(100);
    }
    const targets = proxy.statistics.requestHeads.map(({ target }) => target);
    expect(targets).toEqual(["/accept-stall", "/freeze"]);
  });

  test("count bytes both ways and date the last one", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    expect(proxy.statistics.lastByteDownAtMs).toBeUndefined();
    const client = openClient(proxy.port);
    client.get();
    const response = await origin.stream();
    await client.sees("\r\n\r\n");
    const writtenAtMs = performance.now();
    response.write("data: one\n\n");
    await client.sees("data: one\n\n\r\n");
    const { bytesDown, bytesUp, lastByteDownAtMs } = proxy.statistics;
    expect(bytesDown).toBe(client.text.length);
    expect(bytesUp).toBe("GET /stream HTTP/1.1\r\nHost: test\r\n\r\n".length);
    expect(lastByteDownAtMs).toBeGreaterThanOrEqual(writtenAtMs);
  });

  test("count the connections of clients that are still there", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const clients = [openClient(proxy.port), openClient(proxy.port)];
    for (const client of clients) {
      client.get();
      await origin.stream();
    }
    expect(proxy.connections).toBe(2);
    await proxy.set({ kind: "freeze", direction: "both" });
    clients[0]?.socket.destroy();
    await expect.poll(() => proxy.connections).toBe(1);
  });

  test("are a picture that does not change afterwards", async () => {
    const proxy = await startProxy(await startOrigin());
    const before = proxy.statistics;
    await proxy.set({ kind: "delay", ms: 1 });
    expect(before.faultChanges).toEqual([]);
    expect(proxy.statistics.faultChanges).toHaveLength(1);
  });
});
