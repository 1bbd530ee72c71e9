import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFaultProxy } from "../../src/fault-proxy/index.js";
import { fillPath } from "../support/fill.js";
import { startOrigin, startTcpOrigin } from "../support/origin.js";
import { startProxy } from "../support/proxied.js";
import { openClient } from "../support/raw-client.js";

describe("a proxy without a fault", () => {
  test("passes a stream on as it comes", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    client.get();
    const response = await origin.stream();
    response.write("data: one\n\n");
    await client.sees("data: one\n\n");
    response.end("data: two\n\n");
    await client.sees("data: two\n\n\r\n0\r\n\r\n");
    expect(client.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test("passes requests on one kept connection", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    client.get("/reply");
    await client.sees("ok");
    client.get("/missing");
    await client.sees("404");
    expect(origin.targets).toEqual(["/reply", "/missing"]);
    expect(origin.accepted).toHaveLength(1);
  });

  test("passes bytes that are not HTTP, both ways, and lets the server speak first", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    const server = await origin.connection();
    server.write("220 ready\r\n");
    await client.sees("220 ready\r\n");
    client.socket.write("hello");
    const [chunk] = await once(server, "data");
    expect(String(chunk)).toBe("hello");
  });

  test("passes megabytes unharmed to a reader that pauses", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    const server = await origin.connection();
    const body = randomBytes(8 * 1024 * 1024);
    client.socket.pause();
    server.end(body);
    const hash = createHash("sha256");
    client.socket.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      client.socket.pause();
      setImmediate(() => client.socket.resume());
    });
    client.socket.resume();
    expect(await client.end).toBe("fin");
    expect(hash.digest("hex")).toBe(createHash("sha256").update(body).digest("hex"));
  });

  test("stops reading from the server when the client stops reading", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    const server = await origin.connection();
    client.socket.pause();
    expect(await fillPath(server)).toBeLessThan(40);
  });

  test("tells each side of the other's FIN, and keeps the other half open", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    const server = await origin.connection();
    server.resume();
    client.socket.end("last words");
    await once(server, "end");
    server.end("answer");
    expect(await client.end).toBe("fin");
    expect(client.text).toBe("answer");
  });

  test("tells the client of the server's RST", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    const server = await origin.connection();
    server.resetAndDestroy();
    expect(await client.end).toBe("reset");
  });

  test("tells the server of the client's RST", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    const server = await origin.connection();
    server.resume();
    const error = once(server, "error");
    client.socket.resetAndDestroy();
    expect(await error).toMatchObject([{ code: "ECONNRESET" }]);
  });

  test("resets a client whose server is not there", async () => {
    const vacant = createServer();
    await new Promise<void>((resolve) => vacant.listen(0, "127.0.0.1", resolve));
    const address = vacant.address();
    if (address === null || typeof address === "string") throw new Error("No port.");
    await new Promise((resolve) => vacant.close(resolve));
    const proxy = await createFaultProxy({ upstream: { host: "127.0.0.1", port: address.port } });
    onTestFinished(() => proxy.close());
    const client = openClient(proxy.port);
    expect(await client.end).toBe("reset");
  });
});
