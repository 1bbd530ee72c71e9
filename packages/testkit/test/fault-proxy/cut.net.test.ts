import { describe, expect, test } from "vitest";
import type { CutFault } from "../../src/fault-proxy/index.js";
import { startOrigin, startTcpOrigin } from "../support/origin.js";
import { startProxy } from "../support/proxied.js";
import { openClient } from "../support/raw-client.js";

const HEAD = "HTTP/1.1 200 OK\r\nX-Request-Id: id: 5\r\n\r\n";
const EVENTS = "id: 5\r\ndata: fünf\r\n\r\nid: 6\r\ndata: sechs\r\n\r\n";

interface Case {
  readonly name: string;
  readonly cut: Omit<CutFault, "kind" | "end">;
  /** What the client has of the body when the connection ends. */
  readonly seen: string;
}

const cases: readonly Case[] = [
  { name: "inside an id: line", cut: { after: "id:" }, seen: "id:" },
  { name: "inside a data: line", cut: { after: "data: f" }, seen: "id: 5\r\ndata: f" },
  { name: "between CR and LF", cut: { after: "id: 5\r" }, seen: "id: 5\r" },
  {
    name: "inside a UTF-8 character",
    cut: { after: Uint8Array.of(0x66, 0xc3) },
    seen: "id: 5\r\ndata: f\u00c3",
  },
  {
    name: "before the blank line",
    cut: { after: "fünf", plusBytes: 2 },
    seen: latin1("id: 5\r\ndata: fünf\r\n"),
  },
  {
    name: "in the second event",
    cut: { after: "id: ", skip: 1, plusBytes: 1 },
    seen: latin1("id: 5\r\ndata: fünf\r\n\r\nid: 6"),
  },
];

describe.each(["fin", "reset"] as const)("a cut that ends with %s", (end) => {
  test.each(cases)("falls exactly $name", async ({ cut, seen }) => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "cut", end, ...cut });
    server.write(HEAD + EVENTS);
    expect(await client.end).toBe(end);
    expect(client.text).toBe(HEAD + seen);
    expect(proxy.fault).toEqual({ kind: "pass" });
  });

  test.each(cases)("falls exactly $name when bytes come one by one", async ({ cut, seen }) => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "cut", end, ...cut });
    for (const byte of Buffer.from(HEAD + EVENTS)) {
      server.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
    expect(await client.end).toBe(end);
    expect(client.text).toBe(HEAD + seen);
  });
});

describe("a cut", () => {
  test("sees through the chunk framing of the body", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "cut", after: "data: one\n\nid: 2", plusBytes: 1, end: "fin" });
    const client = openClient(proxy.port);
    client.get();
    const response = await origin.stream();
    response.write("data: one\n\n");
    response.write("id");
    response.write(": 2\ndata: two\n\n");
    expect(await client.end).toBe("fin");
    expect(client.text).toMatch(/data: one\n\n\r\n2\r\nid\r\n[0-9a-f]+\r\n: 2\n$/);
  });

  test("happens as often as it should, and then no more", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "cut", after: "id: ", end: "reset", times: 2 });
    const seen: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const client = openClient(proxy.port);
      const server = await origin.connection();
      server.end(HEAD + EVENTS);
      await client.end;
      seen.push(client.text.slice(HEAD.length));
    }
    expect(seen).toEqual(["id: ", "id: ", latin1(EVENTS)]);
  });

  test("does not come when the pattern does not", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "cut", after: "id: 7", end: "reset" });
    server.end(HEAD + EVENTS);
    expect(await client.end).toBe("fin");
    expect(client.text).toBe(latin1(HEAD + EVENTS));
  });
});

async function openPair() {
  const origin = await startTcpOrigin();
  const proxy = await startProxy(origin);
  const client = openClient(proxy.port);
  const server = await origin.connection();
  return { proxy, client, server };
}

/** The UTF-8 bytes of a text, one character each, as the raw client shows them. */
function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
