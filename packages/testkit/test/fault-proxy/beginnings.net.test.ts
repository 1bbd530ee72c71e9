import { once } from "node:events";
import { get, type IncomingMessage, request } from "node:http";
import { describe, expect, test } from "vitest";
import type { Fault, FaultProxy } from "../../src/fault-proxy/index.js";
import { startOrigin, startTcpOrigin } from "../support/origin.js";
import { startProxy } from "../support/proxied.js";
import { openClient } from "../support/raw-client.js";

describe("refuse", () => {
  test("refuses connections, and takes them again on the same port", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const { port } = proxy;
    await proxy.set({ kind: "refuse" });
    expect(await openClient(port).end).toBe("refused");
    await proxy.set({ kind: "pass" });
    expect(proxy.port).toBe(port);
    const client = openClient(port);
    client.get("/reply");
    await client.sees("ok");
  });

  test("is in force when the call returns, before its promise resolves", async () => {
    const proxy = await startProxy(await startOrigin());
    const isSet = proxy.set({ kind: "refuse" });
    expect(await openClient(proxy.port).end).toBe("refused");
    await isSet;
  });

  test("that is lifted and set again at once refuses", async () => {
    const proxy = await startProxy(await startOrigin());
    const calls = [
      proxy.set({ kind: "refuse" }),
      proxy.set({ kind: "pass" }),
      proxy.set({ kind: "refuse" }),
    ];
    await Promise.all(calls);
    expect(await openClient(proxy.port).end).toBe("refused");
  });
});

describe("reset-new", () => {
  test("accepts and resets, and the server sees nothing of it", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "reset-new" });
    expect(await openClient(proxy.port).end).toBe("reset");
    expect(origin.accepted).toHaveLength(0);
    expect(proxy.statistics).toMatchObject({ accepted: 1, refused: 1 });
  });
});

describe("accept-stall", () => {
  test("accepts, and nothing ever comes back, also when it is over", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "accept-stall" });
    const client = openClient(proxy.port);
    await once(client.socket, "connect");
    client.get();
    expect(await client.listen(150)).toBe("");
    await proxy.set({ kind: "pass" });
    expect(await client.listen(150)).toBe("");
    expect(client.seenEnd).toBeUndefined();
    expect(origin.accepted).toHaveLength(0);
  });
});

describe("headers-only", () => {
  test("passes the head and withholds the body, also when it is over", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "headers-only" });
    const client = openClient(proxy.port);
    client.get();
    const response = await origin.stream();
    response.write("data: one\n\n");
    await client.sees("\r\n\r\n");
    await proxy.set({ kind: "pass" });
    response.write("data: two\n\n");
    await client.listen(150);
    expect(client.text).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n$/s);
    expect(client.seenEnd).toBeUndefined();
  });

  test("holds the body back when it comes in one piece with the head", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "headers-only" });
    const client = openClient(proxy.port);
    client.get();
    const server = await origin.connection();
    server.write("HTTP/1.1 200 OK\r\n\r\ndata: one\n\n");
    await client.sees("\r\n\r\n");
    await client.listen(100);
    expect(client.text).toBe("HTTP/1.1 200 OK\r\n\r\n");
  });

  test("lets the server see that the client gave up", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "headers-only" });
    const client = openClient(proxy.port);
    client.get();
    const response = await origin.stream();
    await client.sees("\r\n\r\n");
    const closed = once(response, "close");
    client.socket.destroy();
    await closed;
  });
});

describe("http-error", () => {
  test("answers by itself, with Retry-After in seconds", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "http-error", status: 503, retryAfter: 7, body: "busy" });
    const { response, body } = await fetchFrom(proxy);
    expect(response.statusCode).toBe(503);
    expect(response.headers["retry-after"]).toBe("7");
    expect(body).toBe("busy");
    expect(origin.accepted).toHaveLength(0);
  });

  test("passes a date and other fields on as they are", async () => {
    const proxy = await startProxy(await startOrigin());
    const retryAfter = "Fri, 31 Dec 2027 23:59:59 GMT";
    const headers = { "Content-Type": "text/html", Location: "/login" };
    await proxy.set({ kind: "http-error", status: 302, retryAfter, headers });
    const { response } = await fetchFrom(proxy);
    expect(response.statusCode).toBe(302);
    expect(response.headers).toMatchObject({
      "retry-after": retryAfter,
      "content-type": "text/html",
      location: "/login",
    });
  });

  test("answers so many requests and then passes", async () => {
    const proxy = await startProxy(await startOrigin());
    await proxy.set({ kind: "http-error", status: 500, times: 2 });
    const statuses: (number | undefined)[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      statuses.push((await fetchFrom(proxy, "/reply")).response.statusCode);
    }
    expect(statuses).toEqual([500, 500, 200]);
    expect(proxy.fault).toEqual({ kind: "pass" });
    expect(proxy.statistics).toMatchObject({ requests: 3, answered: 2 });
  });

  test("waits for a head that comes in pieces, and swallows the request's body", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "http-error", status: 429, times: 1 });
    const client = openClient(proxy.port);
    client.socket.write("POST /reply HTTP/1.1\r\nHost: te");
    expect(await client.listen(100)).toBe("");
    client.socket.write("st\r\nContent-Length: 4\r\n\r\nbody");
    expect(await client.end).toBe("fin");
    expect(client.text).toMatch(/^HTTP\/1\.1 429 /);
    expect(origin.accepted).toHaveLength(0);
  });

  test("sends no body in answer to HEAD, and none with 204", async () => {
    const proxy = await startProxy(await startOrigin());
    await proxy.set({ kind: "http-error", status: 500, body: "hidden" });
    const client = openClient(proxy.port);
    client.socket.write("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
    expect(await client.end).toBe("fin");
    expect(client.text).toContain("content-length: 6");
    expect(client.text).not.toContain("hidden");
    await proxy.set({ kind: "http-error", status: 204, body: "hidden" });
    expect(await fetchFrom(proxy)).toMatchObject({ response: { statusCode: 204 }, body: "" });
  });

  test("leaves a stream alone that was open before", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    client.get();
    const response = await origin.stream();
    await proxy.set({ kind: "http-error", status: 503 });
    response.write("data: still here\n\n");
    await client.sees("data: still here");
  });
});

describe("open-then-close", () => {
  test("is an event stream that ends at once, cleanly", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "open-then-close" });
    const { response, body } = await fetchFrom(proxy);
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe("text/event-stream");
    expect(response.complete).toBe(true);
    expect(body).toBe("");
    expect(origin.accepted).toHaveLength(0);
  });
});

describe("garbage", () => {
  test("in place of the response is not HTTP", async () => {
    const proxy = await startProxy(await startOrigin());
    await proxy.set({ kind: "garbage", instead: "response" });
    const error = once(get(proxy.url, { agent: false }), "error");
    expect(await error).toMatchObject([{ code: expect.stringMatching(/^HPE_/) }]);
  });

  test("in place of the body has the given size, every byte value, and is always the same", async () => {
    const proxy = await startProxy(await startOrigin());
    await proxy.set({ kind: "garbage", instead: "body", bytes: 8192 });
    const first = await fetchFrom(proxy);
    const second = await fetchFrom(proxy);
    expect(first.response.headers["content-type"]).toBe("text/event-stream");
    expect(first.body).toHaveLength(8192);
    expect(new Set(first.body).size).toBe(256);
    expect(second.body).toBe(first.body);
  });
});

describe("a request begun on a kept connection", () => {
  const kept: readonly { fault: Fault; seen: string }[] = [
    { fault: { kind: "refuse" }, seen: "reset" },
    { fault: { kind: "reset-new" }, seen: "reset" },
    { fault: { kind: "http-error", status: 503 }, seen: "HTTP/1.1 503" },
    { fault: { kind: "open-then-close" }, seen: "text/event-stream" },
    { fault: { kind: "accept-stall" }, seen: "silence" },
  ];
  test.each(kept)("meets $fault.kind too", async ({ fault, seen }) => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    client.get("/reply");
    await client.sees("ok");
    await proxy.set(fault);
    client.get("/reply");
    if (seen === "reset") expect(await client.end).toBe("reset");
    else if (seen === "silence") expect(await client.listen(150)).toBe("");
    else await client.sees(seen);
    expect(origin.targets).toEqual(["/reply"]);
  });
});

async function fetchFrom(
  proxy: FaultProxy,
  target = "/stream",
): Promise<{ response: IncomingMessage; body: string }> {
  const outgoing = request(`${proxy.url}${target}`, { agent: false });
  outgoing.end();
  const [response]: IncomingMessage[] = await once(outgoing, "response");
  if (response === undefined) throw new Error("No response.");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { response, body: Buffer.concat(chunks).toString("latin1") };
}
