import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createHub, type Hub, leanServer } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bodyOf, dechunk, RawSocket } from "./raw-socket.js";
import { listen } from "./running-hub.js";

describe("a lean server", () => {
  let hub: Hub;
  let server: Server;
  let port: number;
  let onRequest: RequestListener;
  const responses: ServerResponse[] = [];
  const errors: unknown[] = [];

  beforeEach(async () => {
    hub = createHub({ log: createMemoryLog(), onError: (error) => errors.push(error) });
    onRequest = hub.handleNode;
    server = leanServer(
      createServer((request, response) => {
        responses.push(response);
        onRequest(request, response);
      }),
    );
    port = await listen(server);
  });

  afterEach(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
    await hub.close({ withinMs: 0 });
    responses.length = 0;
    expect(errors.splice(0)).toEqual([]);
  });

  /** A reader whose connection has been taken, or has had every chance to be. */
  async function subscribe(): Promise<RawSocket> {
    const reader = await RawSocket.open(port);
    reader.request("GET /streams/feed HTTP/1.1", "Host: hub");
    await reader.until((text) => text.includes("throughline.heartbeat"));
    return reader;
  }

  it("keeps no response for the reader of a stream, who is served all the same", async () => {
    const reader = await subscribe();
    expect(responses[0]?.socket).toBeNull();
    await hub.publish("feed", [{ data: "one" }, { data: "two" }]);
    const text = await reader.until((all) => all.includes("data: two"));
    expect(text).toContain("connection: close");
    expect(dechunk(bodyOf(text)).payload).toContain("data: one\n");
  });

  it("ends the body in good order with the stream, and the connection with it", async () => {
    const reader = await subscribe();
    await hub.end("feed");
    const { payload, isEnded } = dechunk(bodyOf(await reader.closed()));
    expect(isEnded).toBe(true);
    expect(payload).toContain("throughline.end");
  });

  it("notices that a reader hangs up or is reset, and forgets it", async () => {
    const readers = [await subscribe(), await subscribe()];
    expect(hub.stats().connections.live).toBe(2);
    const closed = responses.map(
      ({ req }) => new Promise((resolve) => req.socket.once("close", resolve)),
    );
    readers[0]?.socket.end();
    readers[1]?.socket.resetAndDestroy();
    await Promise.all(closed);
    expect(hub.stats().connections.live).toBe(0);
  });

  it("drops what a reader sends behind its request", async () => {
    const reader = await subscribe();
    reader.socket.write("GET /streams/other HTTP/1.1\r\nHost: hub\r\n\r\n");
    await hub.publish("feed", { data: "one" });
    await reader.until((text) => text.includes("data: one"));
    expect(responses).toHaveLength(1);
  });

  it("takes the connection of a request with a body once that has come", async () => {
    const reader = await RawSocket.open(port);
    reader.request("GET /streams/feed HTTP/1.1", "Host: hub", "Content-Length: 4");
    await reader.until((text) => text.includes("throughline.heartbeat"));
    expect(responses[0]?.socket).not.toBeNull();
    reader.socket.write("body");
    await expect.poll(() => responses[0]?.socket).toBeNull();
    await hub.publish("feed", [{ data: "one" }]);
    expect(await reader.until((all) => all.includes("data: one"))).toContain("data: one");
  });

  it("takes the connection of a request that somebody has read to its end before", async () => {
    onRequest = (request, response) => {
      request.resume().once("close", () => hub.handleNode(request, response));
    };
    await subscribe();
    await expect.poll(() => responses[0]?.socket).toBeNull();
  });

  it("ends the connections of readers with all others", async () => {
    const reader = await subscribe();
    server.closeAllConnections();
    await reader.closed();
    expect(hub.stats().connections.live).toBe(0);
  });

  it("leaves a response as it is to whose end somebody listens", async () => {
    const ended = new Promise<void>((resolve) => {
      onRequest = (request, response) => {
        response.once("close", resolve);
        hub.handleNode(request, response);
      };
    });
    const reader = await subscribe();
    expect(responses[0]?.socket).not.toBeNull();
    reader.socket.destroy();
    await ended;
  });

  it("leaves a connection as it is on which another request waits for its turn", async () => {
    const reader = await RawSocket.open(port);
    reader.request(
      "GET /streams/a HTTP/1.1",
      "Host: hub",
      "",
      "GET /streams/b HTTP/1.1",
      "Host: hub",
    );
    await reader.until((text) => text.includes("throughline.heartbeat"));
    await hub.publish("a", { data: "one" });
    await reader.until((text) => text.includes("data: one"));
    expect(responses[0]?.socket).not.toBeNull();
  });

  it("keeps the connection of a short response for the next request", async () => {
    const reader = await RawSocket.open(port);
    const poll = "GET /streams/feed?throughline-wait=0 HTTP/1.1";
    reader.request(poll, "Host: hub");
    expect(await reader.until((text) => text.includes("\r\n0\r\n\r\n"))).not.toContain(
      "connection: close",
    );
    reader.text = "";
    reader.request(poll, "Host: hub");
    await reader.until((text) => text.includes("\r\n0\r\n\r\n"));
  });
});
