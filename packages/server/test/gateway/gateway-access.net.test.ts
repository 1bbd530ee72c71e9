// Whom the gateway serves, and what it tells those whom the backend refuses.

import { afterEach, describe, expect, it } from "vitest";
import { comesTo, eventually, GatewayStage, type StageOptions } from "./gateway-stage.js";
import { route } from "./routes.js";

let stage: GatewayStage;

async function begin(
  of: Parameters<typeof route>[0] & object,
  options?: StageOptions,
): Promise<GatewayStage> {
  stage = await new GatewayStage(route(of), options).start();
  return stage;
}

afterEach(() => stage.stop());

const greeting = [JSON.stringify({ type: "connection" })];

describe("a refusal", () => {
  it("of the backend is the reader's answer, and is not asked for again", async () => {
    const { backend } = await begin({});
    backend.instead = (_request, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end('{"error": "sessionId is required"}');
    };
    const reader = await stage.read();
    expect(reader.status).toBe(400);
    await comesTo(() => reader.text, '{"error": "sessionId is required"}');
    expect(reader.headers["content-type"]).toBe("application/json");
    await comesTo(() => stage.gateway.stats().streams, 0);
    expect(backend.asked).toHaveLength(1);
  });

  it("that says there is nothing more ends its readers, who are answered so as well", async () => {
    const { backend } = await begin({});
    const follower = stage.follow();
    const reader = await stage.read();
    await comesTo(() => reader.messages, greeting);
    backend.instead = (_request, response) => {
      response.writeHead(204);
      response.end();
    };
    backend.cut();
    await comesTo(() => reader.isOver, true);
    await comesTo(() => follower.source.connection.reason, "complete");
    await comesTo(() => stage.gateway.stats().streams, 0);
    expect((await stage.read()).status).toBe(204);
  });

  it.each([500, 503])("with status %i is passed on", async (status) => {
    const { backend } = await begin({});
    backend.instead = (_request, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end('{"error": "off"}');
    };
    expect((await stage.read()).status).toBe(status);
    await comesTo(() => stage.gateway.stats().streams, 0);
  });

  it("that looks like a stream has the status that it means", async () => {
    const refusals = [{ match: { type: "error", data: { present: false } }, status: 400 }] as const;
    const { backend } = await begin({ refusals });
    backend.instead = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end('data: {"type": "error", "message": "Ward parameter is required"}\n\n');
    };
    const reader = await stage.read();
    expect(reader.status).toBe(400);
    await comesTo(() => reader.text, '{"type": "error", "message": "Ward parameter is required"}');
    const follower = stage.follow();
    await comesTo(() => follower.source.readyState, 2);
    expect(backend.asked).toHaveLength(2);
  });

  it.each([302, 401, 403])("with status %i means that nobody is logged in", async (status) => {
    const { backend } = await begin({});
    backend.instead = (_request, response) => {
      response.writeHead(status, status === 302 ? { location: "/login?next=/feed" } : {});
      response.end();
    };
    expect((await stage.read()).status).toBe(401);
    expect(backend.asked).toHaveLength(1);
  });
});

describe("identities", () => {
  const anna = { cookie: "theme=dark; session=s1" };
  const bela = { cookie: "session=s2; theme=dark" };

  it("have streams of their own, and nothing but themselves is shown to the backend", async () => {
    const { backend } = await begin({}, { isChecked: true });
    await stage.read("/feed?x=1", { ...anna, "x-team": "1", "last-event-id": "abc" });
    await stage.read("/feed?x=1", { ...anna, "x-team": "2" });
    await stage.read("/feed?x=1", bela);
    expect(backend.asked.map(({ headers }) => headers.cookie)).toEqual([
      "session=s1",
      "session=s2",
    ]);
    expect(backend.asked.every(({ headers }) => headers["x-team"] === undefined)).toBe(true);
    expect(backend.asked.every(({ headers }) => headers["last-event-id"] === undefined)).toBe(true);
  });

  it("do not read each other's streams by showing each other's cursors", async () => {
    const { backend } = await begin({}, { isChecked: true });
    const first = await stage.read("/feed", anna);
    await comesTo(() => first.messages, greeting);
    const [response] = backend.open;
    response?.write('data: {"secret":1}\n\n');
    await comesTo(() => first.messages.length, 2);
    const shown = { "last-event-id": first.events[1]?.id ?? "" };
    const second = await stage.read("/feed", { ...bela, ...shown });
    await eventually(() => expect(second.named("throughline.hello")).toHaveLength(1));
    backend.send({ n: 2 });
    await eventually(() => expect(second.messages).toContain('{"n":2}'));
    expect(second.text).not.toContain("secret");
  });

  it("may read one stream where that is said, with anybody's credentials", async () => {
    const { backend } = await begin({ identity: "shared" }, { isChecked: true });
    const first = await stage.read("/feed", anna);
    const second = await stage.read("/feed", bela);
    await comesTo(() => first.messages, greeting);
    backend.send({ n: 1 });
    await comesTo(() => second.messages.at(-1), '{"n":1}');
    expect(backend.asked).toHaveLength(1);
  });

  it("that are none are refused before the backend's stream is asked for", async () => {
    const { backend } = await begin({}, { isChecked: true });
    expect((await stage.read("/feed", { cookie: "session=gone" })).status).toBe(401);
    expect(backend.asked).toHaveLength(0);
    const follower = stage.follow("/feed");
    await comesTo(() => follower.source.readyState, 2);
    expect(backend.checks).toBeLessThanOrEqual(3);
  });

  it("whose session has ended are left, and know why", async () => {
    const { backend } = await begin({}, { isChecked: true });
    const reader = await stage.read("/feed", anna);
    const follower = stage.follow("/feed", anna);
    await comesTo(() => follower.source.readyState, 1);
    backend.sessions.delete("s1");
    await eventually(() => expect(reader.isOver).toBe(true));
    await comesTo(() => follower.source.connection.reason, "unauthorized");
    expect((await stage.read("/feed", anna)).status).toBe(401);
  });

  it("that are known are let in while the backend is away, and others are told to come back", async () => {
    const { backend } = await begin({}, { isChecked: true });
    const reader = await stage.read("/feed", anna);
    await comesTo(() => reader.messages, greeting);
    await backend.stop();
    expect((await stage.read("/feed", anna)).status).toBe(200);
    const stranger = await stage.read("/feed", bela);
    expect(stranger.status).toBe(503);
    expect(stranger.headers["retry-after"]).toBe("1");
    await backend.start();
  });
});
