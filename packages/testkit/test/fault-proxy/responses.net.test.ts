import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { startOrigin } from "../support/origin.js";
import { startProxy } from "../support/proxied.js";
import { openClient } from "../support/raw-client.js";

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

describe("an answer for some requests only", () => {
  test("is given to the one that was meant, by count, and the fault is over", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "http-error", status: 503, skip: 1, times: 1 });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) statuses.push(await statusOf(`${proxy.url}/reply`));
    expect(statuses).toEqual([200, 503, 200]);
    expect(origin.targets).toEqual(["/reply", "/reply"]);
    expect(proxy.fault.kind).toBe("pass");
  });

  test("is given to the paths that are meant, whatever their query", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "http-error", status: 503, path: "/other" });
    expect(await statusOf(`${proxy.url}/other?x=/reply`)).toBe(503);
    expect(await statusOf(`${proxy.url}/reply?x=/other`)).toBe(404);
    expect(await statusOf(`${proxy.url}/reply`)).toBe(200);
    await proxy.set({ kind: "http-error", status: 503, path: "/re*", skip: 1 });
    expect(await statusOf(`${proxy.url}/other`)).toBe(404);
    expect(await statusOf(`${proxy.url}/reply`)).toBe(200);
    expect(await statusOf(`${proxy.url}/reply`)).toBe(503);
  });

  test("waits for the whole head, however it comes, and passes it on whole", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "http-error", status: 503, path: "/other" });
    const client = openClient(proxy.port);
    await once(client.socket, "connect");
    for (const letter of "GET /reply HTTP/1.1\r\nHost: test\r\n\r\n") {
      client.socket.write(letter);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.sees("ok");
    expect(origin.targets).toEqual(["/reply"]);
  });
});

describe("garbage as a line", () => {
  test("is one line of an event, without an end", async () => {
    const proxy = await startProxy(await startOrigin());
    await proxy.set({ kind: "garbage", instead: "line", bytes: 100_000 });
    const response = await fetch(`${proxy.url}/stream`);
    const text = await response.text();
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(text).toMatch(/^data: x+$/);
    expect(text).toHaveLength(100_000);
  });
});

describe("late-head", () => {
  test("holds the head back, and then lets everything come at once", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "late-head", ms: 300 });
    const startedMs = performance.now();
    const answered = fetch(`${proxy.url}/stream`);
    const stream = await origin.stream();
    stream.write("data: 1\n\n");
    const { body } = await answered;
    expect(performance.now() - startedMs).toBeGreaterThan(290);
    const { value } = (await body?.getReader().read()) ?? {};
    expect(new TextDecoder().decode(value)).toBe("data: 1\n\n");
  });
});

describe("idle-timeout", () => {
  test("ends a connection through which nothing went, by the end that was chosen", async () => {
    for (const [end, seen] of [
      ["fin", "fin"],
      ["reset", "reset"],
    ] as const) {
      const origin = await startOrigin();
      const proxy = await startProxy(origin);
      await proxy.set({ kind: "idle-timeout", ms: 400, end });
      const client = openClient(proxy.port);
      client.get();
      (await origin.stream()).write("data: 1\n\n");
      await client.sees("data: 1");
      expect(await client.end).toBe(seen);
    }
  });

  test("leaves a connection alone through which something goes", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "idle-timeout", ms: 400 });
    const client = openClient(proxy.port);
    client.get();
    const stream = await origin.stream();
    const timer = setInterval(() => stream.write(": pulse\n\n"), 50);
    await client.listen(1000);
    clearInterval(timer);
    expect(client.seenEnd).toBeUndefined();
    expect(await client.end).toBe("fin");
  });
});

describe("rewrite-head", () => {
  test("changes status and fields, and nothing of the body", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const headers = { "Content-Type": "text/html; charset=latin1", "X-Added": "1" };
    await proxy.set({ kind: "rewrite-head", status: 203, headers, remove: ["date"] });
    const response = await fetch(`${proxy.url}/reply`);
    expect(response.status).toBe(203);
    expect(response.headers.get("content-type")).toBe("text/html; charset=latin1");
    expect(response.headers.get("x-added")).toBe("1");
    expect(response.headers.get("date")).toBeNull();
    expect(await response.text()).toBe("ok");
  });
});

describe("gzip", () => {
  test("compresses a stream, piece by piece, and ends it as gzip ends", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "gzip" });
    const answered = fetch(`${proxy.url}/stream`);
    const stream = await origin.stream();
    stream.write("data: 1\n\n");
    const response = await answered;
    expect(response.headers.get("content-encoding")).toBe("gzip");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe("data: 1\n\n");
    stream.write("data: voilà\n\n");
    expect((await reader?.read())?.value).toBe("data: voilà\n\n");
    stream.end("data: 3\n\n");
    expect((await reader?.read())?.value).toBe("data: 3\n\n");
    expect((await reader?.read())?.done).toBe(true);
  });

  test("leaves a body of known length as it is", async () => {
    const proxy = await startProxy(await startOrigin());
    await proxy.set({ kind: "gzip" });
    const response = await fetch(`${proxy.url}/reply`);
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(await response.text()).toBe("ok");
  });
});
