// Backends that send what no stream should, and streams that several people share of whom one leaves.

import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { comesTo, eventually, GatewayStage, type StageOptions } from "./gateway-stage.js";
import { ROUNDS, route } from "./routes.js";

let stage: GatewayStage;

async function begin(
  of: Parameters<typeof route>[0] & object,
  options?: StageOptions,
): Promise<GatewayStage> {
  stage = await new GatewayStage(route(of), options).start();
  return stage;
}

afterEach(() => stage.stop());

const alert = (id: number) => ({ type: "alert", data: { id } });
const REFUSALS = [{ match: { type: "refusal" }, status: 400 }] as const;
const SSE = { "content-type": "text/event-stream" };

describe("a backend that sends what no stream should", () => {
  it.each([
    ["before anybody is answered", REFUSALS],
    ["later", []],
  ])("is left when a line never ends, %s, and heard once it is well", async (_when, refusals) => {
    const { backend } = await begin({ ...ROUNDS, refusals });
    let bytes = 0;
    backend.instead = (_request, response) => {
      response.writeHead(200, SSE);
      response.write("data: ");
      const piece = Buffer.alloc(256 * 1024, "x");
      const write = () => {
        while (!response.destroyed && response.write(piece)) bytes += piece.length;
      };
      response.on("drain", write);
      write();
    };
    const reader = await stage.read();
    await eventually(() => expect(backend.asked.length).toBeGreaterThan(1));
    // As much as an event may have, and what lies in the buffers of two sockets.
    expect(bytes / backend.asked.length).toBeLessThan(64 * 1024 * 1024);
    backend.instead = undefined;
    backend.greeting = [alert(1)];
    await comesTo(() => reader.messages, [JSON.stringify(alert(1))]);
    expect(reader.isOver).toBe(false);
  });

  it("is refused where it compresses although it was asked not to", async () => {
    const { backend } = await begin({});
    backend.instead = (_request, response) => {
      response.writeHead(200, { ...SSE, "content-encoding": "gzip" });
      response.end(gzipSync("data: 1\n\n"));
    };
    const reader = await stage.read();
    expect(reader.status).toBe(501);
    await comesTo(() => reader.text.includes("compresses"), true);
  });

  it("that ends as one of ours ends sends its readers away, who may come back", async () => {
    const { backend } = await begin({});
    const follower = stage.follow();
    await eventually(() => expect(follower.messages).toHaveLength(1));
    backend.greeting = [{ type: "connection" }, { n: 2 }];
    for (const response of backend.open) response.write("event: throughline.end\ndata: {}\n\n");
    await eventually(() => expect(follower.messages).toContain('{"n":2}'));
    expect(backend.asked).toHaveLength(2);
  });

  it("forges nothing by what it writes into names, ids and data", async () => {
    const { backend } = await begin({ upstream: { resume: { by: "last-event-id" } } });
    const reader = await stage.read();
    await eventually(() => expect(backend.open.size).toBe(1));
    const [response] = backend.open;
    const id = "x".repeat(600);
    response?.write(`event: news\r\ndata: {}\r\nid: ${id}\r\n\r\ndata: \0\u2028\r\n\r\n`);
    response?.write("event: evil\nid: a\0b\ndata: 1\ndata: 2\n\n");
    await comesTo(() => reader.messages.slice(-1), ["\0\u2028"]);
    await comesTo(() => reader.named("evil"), ["1\n2"]);
    expect(reader.events.every((event) => !event.id?.includes("x".repeat(600)))).toBe(true);
  });
});

describe("a stream that several people share", () => {
  const anna = { cookie: "session=s1" };
  const bela = { cookie: "session=s2" };

  it("goes on with the credentials of who is left, when those that were shown count no more", async () => {
    const { backend } = await begin({ ...ROUNDS, identity: "shared" }, { isChecked: true });
    backend.isGuarded = true;
    const stays = await stage.read("/feed", bela);
    await eventually(() => expect(stays.messages.length).toBeGreaterThan(0));
    const leaves = await stage.read("/feed", anna);
    await eventually(() => expect(leaves.messages.length).toBeGreaterThan(0));
    backend.sessions.delete("s1");
    backend.greeting = [{ type: "connection" }, alert(1)];
    backend.cut();
    await eventually(() => expect(leaves.isOver).toBe(true));
    await eventually(() => expect(stays.messages).toContain(JSON.stringify(alert(1))));
    expect(stays.isOver).toBe(false);
    expect(backend.asked.at(-1)?.headers.cookie).toBe("session=s2");
    expect(leaves.messages).not.toContain(JSON.stringify(alert(1)));
  });
});
