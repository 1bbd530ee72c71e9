import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { fillPath } from "../support/fill.js";
import { startOrigin, startTcpOrigin } from "../support/origin.js";
import { startProxy } from "../support/proxied.js";
import { openClient } from "../support/raw-client.js";

describe("slow", () => {
  test("passes so many bytes per second, and all of them", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "slow", bytesPerSecond: 10_000 });
    const beganAtMs = performance.now();
    server.end("x".repeat(4000));
    expect(await client.end).toBe("fin");
    const tookMs = performance.now() - beganAtMs;
    expect(client.text).toHaveLength(4000);
    expect(tookMs).toBeGreaterThan(300);
    expect(tookMs).toBeLessThan(4000);
  });

  test("slows the direction it is told, and the other not", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "slow", bytesPerSecond: 1, direction: "up" });
    const heard: Buffer[] = [];
    server.on("data", (chunk: Buffer) => heard.push(chunk));
    client.socket.write("slowly");
    server.write("x".repeat(4000));
    await client.sees("x".repeat(4000));
    expect(Buffer.concat(heard).length).toBeLessThan(4);
  });

  test("is felt by the server as a reader that does not keep up", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "slow", bytesPerSecond: 1 });
    expect(await fillPath(server)).toBeLessThan(40);
    expect(client.text.length).toBeLessThan(5);
  });

  test("lets what waits go at once when it is lifted", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "slow", bytesPerSecond: 1 });
    server.write("x".repeat(4000));
    await client.sees("x");
    await proxy.set({ kind: "pass" });
    await client.sees("x".repeat(4000));
  });
});

describe("delay", () => {
  test("makes every byte late, each way, and the end too", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "delay", ms: 200 });
    const beganAtMs = performance.now();
    client.socket.write("ping");
    await once(server, "data");
    const thereAtMs = performance.now();
    server.end("pong");
    await client.sees("pong");
    expect(await client.end).toBe("fin");
    expect(thereAtMs - beganAtMs).toBeGreaterThanOrEqual(199);
    expect(performance.now() - thereAtMs).toBeGreaterThanOrEqual(199);
  });

  test("keeps many bytes under way at once", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "delay", ms: 100 });
    const beganAtMs = performance.now();
    for (let count = 0; count < 20; count += 1) server.write(`${count};`);
    server.end();
    expect(await client.end).toBe("fin");
    expect(client.text.split(";")).toHaveLength(21);
    expect(performance.now() - beganAtMs).toBeLessThan(1500);
  });
});

describe("buffer", () => {
  test("passes the head at once and the body in portions", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "buffer", bytes: 100 });
    const client = openClient(proxy.port);
    const server = await origin.connection();
    const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    server.write(`${head}${"a".repeat(60)}`);
    await client.sees("\r\n\r\n");
    await client.listen(100);
    expect(client.text).toBe(head);
    server.write("b".repeat(60));
    await client.sees("b");
    await client.listen(100);
    expect(client.text).toBe(`${head}${"a".repeat(60)}${"b".repeat(40)}`);
    server.write("c".repeat(80));
    await client.sees("c".repeat(80));
  });

  test("passes a body that has come to its end whatever its size", async () => {
    const proxy = await startProxy(await startOrigin());
    await proxy.set({ kind: "buffer", bytes: 4096 });
    const client = openClient(proxy.port);
    client.get("/reply");
    await client.sees("ok");
    client.get("/reply");
    await client.sees("okHTTP/1.1");
  });

  test("knows that HEAD and 100 Continue have no body", async () => {
    const proxy = await startProxy(await startOrigin());
    await proxy.set({ kind: "buffer", bytes: 4096 });
    const client = openClient(proxy.port);
    client.socket.write("HEAD /reply HTTP/1.1\r\nHost: test\r\n\r\n");
    await client.sees("\r\n\r\n");
    client.get("/reply");
    await client.sees("ok");
    client.socket.write("POST /reply HTTP/1.1\r\nHost: test\r\n");
    client.socket.write("Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    await client.sees("100 Continue\r\n\r\n");
    client.socket.write("body");
    await client.sees("100 Continue\r\n\r\nHTTP/1.1 200 OK");
  });

  test("until close holds a stream back until it ends", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "buffer", bytes: "until-close" });
    const client = openClient(proxy.port);
    client.get();
    const response = await origin.stream();
    for (let count = 0; count < 50; count += 1) response.write(`data: ${"x".repeat(4096)}\n\n`);
    await client.sees("\r\n\r\n");
    expect(await client.listen(150)).not.toContain("data:");
    response.end();
    await client.sees("\r\n0\r\n\r\n");
    expect(client.text.match(/data: x{4096}\n\n/g)).toHaveLength(50);
  });

  test("lets what it held go when the connection closes", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "buffer", bytes: 4096 });
    server.end("HTTP/1.1 200 OK\r\n\r\ndata: one\n\n");
    expect(await client.end).toBe("fin");
    expect(client.text).toContain("data: one\n\n");
  });
});

async function openPair() {
  const origin = await startTcpOrigin();
  const proxy = await startProxy(origin);
  const client = openClient(proxy.port);
  const server = await origin.connection();
  return { proxy, client, server };
}
