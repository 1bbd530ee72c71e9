import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { fillPath } from "../support/fill.js";
import { startOrigin, startTcpOrigin } from "../support/origin.js";
import { startProxy } from "../support/proxied.js";
import { openClient } from "../support/raw-client.js";

/** Long enough for bytes on the loopback to have come, had anybody sent them. */
const QUIET_MS = 150;

describe("freeze in both directions", () => {
  test("passes neither bytes nor the end of either side", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "freeze", direction: "both" });
    const heard = listenTo(server);
    client.socket.write("up");
    server.write("down");
    expect(await client.listen(QUIET_MS)).toBe("");
    client.socket.end();
    server.end();
    expect(await client.listen(QUIET_MS)).toBe("");
    expect(heard.text).toBe("");
    expect(heard.hasEnded).toBe(false);
    expect(client.seenEnd).toBeUndefined();
  });

  test("hides the reset of either side from the other", async () => {
    const first = await openPair();
    await first.proxy.set({ kind: "freeze", direction: "both" });
    first.server.resetAndDestroy();
    await first.client.listen(QUIET_MS);
    expect(first.client.seenEnd).toBeUndefined();
    const second = await openPair();
    await second.proxy.set({ kind: "freeze", direction: "both" });
    second.client.socket.resetAndDestroy();
    await second.client.listen(QUIET_MS);
    expect(second.server.destroyed).toBe(false);
    expect(second.server.readableEnded).toBe(false);
  });

  test("leaves the connection dead when it is lifted, while new ones live", async () => {
    const { client, server, proxy, origin } = await openPair();
    await proxy.set({ kind: "freeze", direction: "both" });
    server.write("down");
    await proxy.set({ kind: "pass" });
    expect(await client.listen(QUIET_MS)).toBe("");
    expect(client.seenEnd).toBeUndefined();
    const next = openClient(proxy.port);
    (await origin.connection()).write("alive");
    await next.sees("alive");
  });

  test("lets everything withheld go on its way when it thaws", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "freeze", direction: "both", thaw: true });
    const heard = listenTo(server);
    client.socket.write("up");
    server.end("down");
    expect(await client.listen(QUIET_MS)).toBe("");
    await proxy.set({ kind: "pass" });
    expect(await client.end).toBe("fin");
    expect(client.text).toBe("down");
    await heard.sees("up");
  });

  test("swallows new connections, for ever unless it thaws", async () => {
    const origin = await startTcpOrigin();
    const proxy = await startProxy(origin);
    await proxy.set({ kind: "freeze", direction: "both" });
    const lost = openClient(proxy.port);
    lost.get();
    expect(await lost.listen(QUIET_MS)).toBe("");
    await proxy.set({ kind: "freeze", direction: "both", thaw: true });
    const saved = openClient(proxy.port);
    saved.get();
    await saved.listen(QUIET_MS);
    expect(origin.accepted).toHaveLength(0);
    await proxy.set({ kind: "pass" });
    const server = await origin.connection();
    const [request] = await once(server, "data");
    expect(String(request)).toContain("GET /stream");
    server.write("answer");
    await saved.sees("answer");
    expect(origin.accepted).toHaveLength(1);
    expect(lost.text).toBe("");
    expect(lost.seenEnd).toBeUndefined();
  });

  test("takes no more from the sender than the buffers on the way hold", async () => {
    const { server, proxy } = await openPair();
    await proxy.set({ kind: "freeze", direction: "both" });
    expect(await fillPath(server)).toBeLessThan(40);
  });
});

describe("freeze in one direction", () => {
  test("down: what the client sends still reaches the server", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "freeze", direction: "down" });
    const heard = listenTo(server);
    server.write("down");
    client.socket.write("up");
    await heard.sees("up");
    expect(await client.listen(QUIET_MS)).toBe("");
    const fresh = openClient(proxy.port);
    fresh.get("/reply");
    expect(await fresh.listen(QUIET_MS)).toBe("");
  });

  test("up: what the server sends still reaches the client", async () => {
    const { client, server, proxy, origin } = await openPair();
    await proxy.set({ kind: "freeze", direction: "up" });
    const heard = listenTo(server);
    client.socket.write("up");
    server.write("down");
    await client.sees("down");
    await client.listen(QUIET_MS);
    expect(heard.text).toBe("");
    const fresh = openClient(proxy.port);
    fresh.get("/reply");
    await fresh.listen(QUIET_MS);
    expect(origin.accepted).toHaveLength(1);
  });

  test("makes what it froze dead even if the fault turns to the other direction", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "freeze", direction: "down" });
    await proxy.set({ kind: "freeze", direction: "up" });
    server.write("down");
    expect(await client.listen(QUIET_MS)).toBe("");
  });
});

describe("half-open", () => {
  test("keeps reading from the server for a client that is gone", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    client.get();
    const response = await origin.stream();
    await proxy.set({ kind: "half-open", lost: "client" });
    client.socket.destroy();
    await once(client.socket, "close");
    // Far more than all buffers on the way: every byte is taken, by somebody who throws it away.
    for (let sent = 0; sent < 24; sent += 1) {
      const isTaken = response.write(Buffer.alloc(1024 * 1024));
      if (!isTaken) await once(response, "drain");
    }
    expect(response.destroyed).toBe(false);
    expect(proxy.connections).toBe(0);
  });

  test("keeps the client's connection silent and open when the server is gone", async () => {
    const { client, server, proxy } = await openPair();
    await proxy.set({ kind: "half-open", lost: "upstream" });
    server.write("last words");
    await client.sees("last words");
    server.resetAndDestroy();
    await client.listen(QUIET_MS);
    client.socket.write("anybody there?");
    await proxy.set({ kind: "pass" });
    expect(await client.listen(QUIET_MS)).toBe("");
    expect(client.seenEnd).toBeUndefined();
    client.socket.end();
    expect(await client.end).toBe("fin");
  });
});

async function openPair() {
  const origin = await startTcpOrigin();
  const proxy = await startProxy(origin);
  const client = openClient(proxy.port);
  const server = await origin.connection();
  return { origin, proxy, client, server };
}

type ServerSide = Awaited<ReturnType<typeof openPair>>["server"];

/** Notes what a server hears from its client. */
function listenTo(server: ServerSide) {
  const heard = {
    text: "",
    hasEnded: false,
    async sees(wanted: string): Promise<void> {
      while (!heard.text.includes(wanted)) await once(server, "data");
    },
  };
  server.on("data", (chunk: Buffer) => {
    heard.text += chunk.toString("latin1");
  });
  server.on("end", () => {
    heard.hasEnded = true;
  });
  return heard;
}
