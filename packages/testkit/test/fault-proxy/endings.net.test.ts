import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import type { FaultProxy } from "../../src/fault-proxy/index.js";
import { type Origin, startOrigin, startTcpOrigin } from "../support/origin.js";
import { startProxy } from "../support/proxied.js";
import { openClient, type RawClient } from "../support/raw-client.js";

interface OpenStream {
  readonly origin: Origin;
  readonly proxy: FaultProxy;
  readonly client: RawClient;
}

async function openStream(): Promise<OpenStream> {
  const origin = await startOrigin();
  const proxy = await startProxy(origin);
  const client = openClient(proxy.port);
  client.get();
  const response = await origin.stream();
  response.write("data: one\n\n");
  await client.sees("data: one\n\n\r\n");
  return { origin, proxy, client };
}

describe("end-cleanly", () => {
  test("ends a chunked body with its last chunk and FIN", async () => {
    const { proxy, client } = await openStream();
    await proxy.set({ kind: "end-cleanly" });
    expect(await client.end).toBe("fin");
    expect(client.text.endsWith("data: one\n\n\r\n0\r\n\r\n")).toBe(true);
  });

  test("is an end like any other for an HTTP client", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const response = await httpGet(proxy);
    response.resume();
    await origin.stream();
    const end = once(response, "end");
    await proxy.set({ kind: "end-cleanly" });
    await end;
    expect(response.complete).toBe(true);
  });

  test("waits for the end of a chunk that is under way", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    const server = await origin.connection();
    server.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01234");
    await client.sees("01234");
    await proxy.set({ kind: "end-cleanly" });
    server.write("56789\r\n5\r\nafter\r\n");
    expect(await client.end).toBe("fin");
    expect(client.text.endsWith("a\r\n0123456789\r\n0\r\n\r\n")).toBe(true);
  });

  test("completes a chunk that a slow line has passed in part", async () => {
    const { origin, proxy, client } = await openStream();
    const next = openClient(proxy.port);
    await proxy.set({ kind: "slow", bytesPerSecond: 20_000 });
    next.get();
    (await origin.stream()).write("x".repeat(8000));
    await next.sees("xxx");
    await proxy.set({ kind: "end-cleanly" });
    expect(await Promise.all([client.end, next.end])).toEqual(["fin", "fin"]);
    expect(next.text).toMatch(/x{8000}\r\n0\r\n\r\n$/);
  });

  test("ends with a bare FIN when the chunk never completes", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    const server = await origin.connection();
    server.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01234");
    await client.sees("01234");
    await proxy.set({ kind: "end-cleanly" });
    expect(await client.end).toBe("fin");
    expect(client.text.endsWith("a\r\n01234")).toBe(true);
  });

  test("adds nothing to a body that is delimited by the close", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    const server = await origin.connection();
    server.write("HTTP/1.1 200 OK\r\n\r\ndata: one\n\n");
    await client.sees("data: one\n\n");
    await proxy.set({ kind: "end-cleanly" });
    expect(await client.end).toBe("fin");
    expect(client.text.endsWith("\r\n\r\ndata: one\n\n")).toBe(true);
  });
});

describe("fin", () => {
  test("ends the connection in the middle of a chunked body", async () => {
    const { proxy, client } = await openStream();
    await proxy.set({ kind: "fin" });
    expect(await client.end).toBe("fin");
    expect(client.text.endsWith("data: one\n\n\r\n")).toBe(true);
  });

  test("is a truncated response for an HTTP client", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const response = await httpGet(proxy);
    response.resume();
    await origin.stream();
    const error = once(response, "error");
    await proxy.set({ kind: "fin" });
    expect(await error).toMatchObject([{ code: "ECONNRESET" }]);
    expect(response.complete).toBe(false);
  });

  test("drops the server's side too", async () => {
    const { proxy, origin } = await openStream();
    const closed = once(socketOf(origin), "close");
    await proxy.set({ kind: "fin" });
    await closed;
  });
});

describe("reset", () => {
  test("is RST for the client and for the server", async () => {
    const { proxy, client, origin } = await openStream();
    const error = once(socketOf(origin), "error");
    await proxy.set({ kind: "reset" });
    expect(await client.end).toBe("reset");
    expect(await error).toMatchObject([{ code: "ECONNRESET" }]);
  });

  test("strikes every connection once and leaves pass behind", async () => {
    const { proxy, client, origin } = await openStream();
    const idle = openClient(proxy.port);
    idle.get("/reply");
    await idle.sees("ok");
    await proxy.set({ kind: "reset" });
    expect(await Promise.all([client.end, idle.end])).toEqual(["reset", "reset"]);
    expect(proxy.fault).toEqual({ kind: "pass" });
    const next = openClient(proxy.port);
    next.get();
    (await origin.stream()).write("data: two\n\n");
    await next.sees("data: two");
  });

  test("reaches a connection that an earlier fault left dead", async () => {
    const { proxy, client } = await openStream();
    await proxy.set({ kind: "freeze", direction: "both" });
    await proxy.set({ kind: "reset" });
    expect(await client.end).toBe("reset");
  });
});

describe("endings without a change of the fault", () => {
  test("reset() resets what is there and leaves the fault as it is", async () => {
    const { proxy, client } = await openStream();
    await proxy.set({ kind: "accept-stall" });
    proxy.reset();
    expect(await client.end).toBe("reset");
    expect(proxy.fault).toEqual({ kind: "accept-stall" });
  });

  test("fin() and endCleanly() do what the faults of these names do", async () => {
    const first = await openStream();
    first.proxy.fin();
    expect(await first.client.end).toBe("fin");
    expect(first.client.text).not.toContain("0\r\n\r\n");
    const second = await openStream();
    second.proxy.endCleanly();
    expect(await second.client.end).toBe("fin");
    expect(second.client.text).toContain("\r\n0\r\n\r\n");
  });
});

function socketOf(origin: Origin) {
  const socket = origin.accepted[0];
  if (socket === undefined) throw new Error("The server has accepted nothing.");
  return socket;
}

async function httpGet(proxy: FaultProxy): Promise<IncomingMessage> {
  const request = get(`${proxy.url}/stream`, { agent: false });
  const [response] = await once(request, "response");
  return response;
}
