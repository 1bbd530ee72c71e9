import { createMemoryLog, type EventLog } from "@throughline/server/log";
import { afterEach, describe, expect, it } from "vitest";
import { comesTo, eventually, GatewayStage, type StageOptions } from "./gateway-stage.js";
import { POLLS, ROUNDS, route } from "./routes.js";

let stage: GatewayStage;

/** A log as an object of functions, some of which a test replaces. */
function bound(log: EventLog): EventLog {
  return {
    append: (...args) => log.append(...args),
    read: (...args) => log.read(...args),
    head: (...args) => log.head(...args),
    tail: (...args) => log.tail(...args),
    trim: (...args) => log.trim(...args),
    seal: (...args) => log.seal(...args),
    remove: (...args) => log.remove(...args),
    close: () => log.close(),
  };
}

async function begin(
  of: Parameters<typeof route>[0] & object,
  options?: StageOptions,
): Promise<GatewayStage> {
  stage = await new GatewayStage(route(of), options).start();
  return stage;
}

afterEach(() => stage.stop());

const alert = (id: number) => ({ type: "alert", data: { id } });
const text = (...payloads: readonly unknown[]) => payloads.map((one) => JSON.stringify(one));
const greeting = text({ type: "connection" });

describe("a reader that knows nothing of the gateway", () => {
  it("sees what the backend sends, byte for byte, in unnamed messages", async () => {
    const { backend } = await begin({});
    backend.greeting = ['{"type": "connection",  "w": "Stra\\u00dfe"}'];
    const reader = await stage.read();
    expect(reader.status).toBe(200);
    expect(reader.headers["content-type"]).toBe("text/event-stream");
    await comesTo(() => reader.messages, backend.greeting);
    backend.send("no JSON", '{ "a" : 1.0 }', { n: 2 });
    await comesTo(() => reader.messages.slice(1), ["no JSON", '{ "a" : 1.0 }', '{"n":2}']);
    expect(reader.events.every(({ id, type }) => type !== "message" || id !== undefined)).toBe(
      true,
    );
  });

  it("sees them in the order of the backend, also what is passed on and not kept", async () => {
    const { backend } = await begin(ROUNDS);
    const reader = await stage.read();
    await comesTo(() => reader.messages, greeting);
    const sent = [alert(2), alert(1), { type: "heartbeat" }, { n: 1 }, { type: "error" }, { n: 2 }];
    backend.send(...sent);
    await comesTo(() => reader.messages.slice(1), text(...sent));
  });

  it("hears a heartbeat of the name that it listens for", async () => {
    await begin({ heartbeatType: "beat" });
    const reader = await stage.read();
    await comesTo(() => reader.named("beat"), ["{}"]);
  });

  it("goes on where it was with the id of the last event", async () => {
    const { backend } = await begin({});
    const first = await stage.read();
    await comesTo(() => first.messages, greeting);
    backend.send({ n: 1 });
    await comesTo(() => first.messages.slice(1), text({ n: 1 }));
    const cursor = first.events.at(-1)?.id ?? "";
    first.close();
    backend.send({ n: 2 });
    const second = await stage.read("/feed", { "last-event-id": cursor });
    await comesTo(() => second.messages, text({ n: 2 }));
    expect(backend.asked).toHaveLength(1);
  });

  it("is greeted as the backend greets, and not again when it comes back", async () => {
    const { backend } = await begin(ROUNDS);
    const first = await stage.read();
    await comesTo(() => first.messages, greeting);
    const second = await stage.read();
    await comesTo(() => second.messages, greeting);
    backend.send(alert(1));
    await comesTo(() => first.messages, [...greeting, ...text(alert(1))]);
    const cursor = first.events.at(-1)?.id ?? "";
    const third = await stage.read("/feed", { "last-event-id": cursor });
    backend.send(alert(2));
    await comesTo(() => third.messages, text(alert(2)));
  });

  it("can read the stream in short responses, which the backend hears nothing of", async () => {
    const { backend } = await begin({});
    const stream = await stage.read();
    await comesTo(() => stream.messages, greeting);
    const first = await stage.read("/feed?throughline-wait=0");
    await comesTo(() => first.isOver, true);
    const cursor = first.events.findLast(({ id }) => id !== undefined)?.id ?? "";
    const second = await stage.read("/feed?throughline-wait=20000", { "last-event-id": cursor });
    backend.send({ n: 1 });
    await comesTo(() => second.isOver, true);
    expect([first.messages, second.messages]).toEqual([[], text({ n: 1 })]);
    expect(backend.asked).toHaveLength(1);
  });

  it("begins where its route says", async () => {
    const { backend } = await begin({ ...ROUNDS, fresh: { newest: 2 } });
    const first = await stage.read();
    await comesTo(() => first.messages, greeting);
    backend.send(alert(1), alert(2), alert(3));
    await comesTo(() => first.messages.length, 4);
    const second = await stage.read();
    await comesTo(() => second.messages, [...greeting, ...text(alert(2), alert(3))]);
  });
});

describe("two hundred viewers of one identity", () => {
  it("cost the backend one connection", async () => {
    const { backend } = await begin({});
    const readers = await Promise.all(Array.from({ length: 200 }, () => stage.read()));
    backend.send({ n: 1 });
    await eventually(() => {
      for (const reader of readers) expect(reader.messages.at(-1)).toBe('{"n":1}');
    });
    expect(backend.asked).toHaveLength(1);
  });

  it("leave it for a while connected, and then not", async () => {
    const { backend } = await begin({ ...ROUNDS, upstream: { lingerMs: 300 } });
    const reader = await stage.read();
    reader.close();
    const again = await stage.read();
    await comesTo(() => again.messages.length, 1);
    again.close();
    await comesTo(() => backend.open.size, 0);
    expect(backend.asked).toHaveLength(1);
    expect(stage.gateway.stats().streams).toBe(0);
  });
});

describe("an interruption of the backend", () => {
  it("is not one of the reader's: nothing lost, nothing twice, no error", async () => {
    const { backend } = await begin(ROUNDS);
    const follower = stage.follow();
    backend.greeting = [{ type: "connection" }, alert(2), alert(1)];
    await eventually(() => expect(follower.messages.length).toBeGreaterThan(0));
    backend.send(alert(2), alert(1));
    await eventually(() => expect(follower.messages).toHaveLength(3));
    backend.greeting = [{ type: "connection" }, alert(3), alert(2), alert(1)];
    backend.cut();
    await comesTo(
      () => follower.messages.map((data) => JSON.parse(data).data?.id),
      [undefined, 2, 1, 3],
    );
    expect(follower.errors).toBe(0);
    expect(follower.gaps).toEqual([]);
  });

  it("by design is one stream", async () => {
    const { backend } = await begin(ROUNDS);
    const follower = stage.follow();
    await comesTo(() => follower.messages, greeting);
    for (let round = 1; round <= 3; round += 1) {
      backend.send(alert(round), { type: "complete" });
      backend.end();
      await comesTo(() => backend.asked.length, round + 1);
      await comesTo(() => backend.open.size, 1);
    }
    backend.send(alert(4), alert(3));
    await comesTo(() => follower.messages.slice(1), text(alert(1), alert(2), alert(3), alert(4)));
    expect(follower.errors).toBe(0);
    expect(follower.gaps).toEqual([]);
  });

  it("by design is nobody's trouble, however soon it comes", async () => {
    const { backend } = await begin(ROUNDS);
    backend.greeting = [{ type: "connection" }, alert(1), { type: "complete" }];
    const reader = await stage.read();
    await comesTo(() => reader.messages, [...greeting, ...text(alert(1))]);
    for (let round = 2; round <= 4; round += 1) {
      backend.end();
      await comesTo(() => backend.asked.length, round);
      await comesTo(() => backend.open.size, 1);
    }
    backend.end();
    // Longer than an interruption may last that is not told.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(reader.named("throughline.source")).toEqual([]);
    expect(reader.messages.slice(1)).toEqual(text(alert(1)));
  });

  it("by design, as soon as it has begun, is asked for again each second and not more often, for ever", async () => {
    const { backend } = await begin(ROUNDS);
    const rows = (n: number) => [{ type: "connection" }, alert(n), { type: "complete" }];
    let round = 0;
    backend.instead = (_request, response) => {
      round += 1;
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const payload of rows(round)) response.write(`data: ${JSON.stringify(payload)}\n\n`);
      // Longer than what counts as nothing at all, and shorter than anything else.
      setTimeout(() => response.end(), 150);
    };
    const reader = await stage.read();
    await comesTo(() => reader.messages.length >= 7, true);
    const begunMs = performance.now();
    const before = backend.asked.length;
    await comesTo(() => backend.asked.length >= before + 3, true);
    expect(performance.now() - begunMs).toBeGreaterThan(1900);
    expect(reader.named("throughline.source")).toEqual([]);
  });

  it("by design takes no thread for a stream that is left before it is asked for again", async () => {
    const { backend, gateway } = await begin({
      ...ROUNDS,
      upstream: { ...ROUNDS.upstream, lingerMs: 0, releaseMs: 0 },
    });
    backend.greeting = [{ type: "connection" }, alert(1), { type: "complete" }];
    const reader = await stage.read();
    await comesTo(() => reader.messages, [...greeting, ...text(alert(1))]);
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    // What lasted for a moment is asked for again soon, but a second after the request before.
    await pause(150);
    backend.end();
    await comesTo(() => gateway.stats().threads.busy, 0);
    await pause(450);
    reader.close();
    await comesTo(() => gateway.stats().streams, 0);
    await pause(1500);
    expect(gateway.stats().threads).toEqual({ busy: 0, ghosts: 0, waiting: 0 });
    expect(backend.asked).toHaveLength(1);
  });

  it("is asked about with the moment of the newest row", async () => {
    const { backend } = await begin(POLLS);
    const row = (id: number, second: string) => ({
      type: "alert",
      data: { id, created_at: `2026-11-25T10:00:${second}` },
    });
    const follower = stage.follow();
    await comesTo(() => follower.messages, greeting);
    backend.send(row(1, "05"), { type: "heartbeat" });
    await comesTo(() => follower.messages.slice(1), text(row(1, "05"), { type: "heartbeat" }));
    backend.greeting = [{ type: "connection" }, row(2, "07"), row(1, "05")];
    backend.cut();
    await comesTo(() => follower.messages.slice(3), text(row(2, "07")));
    expect(backend.asked[1]?.url.searchParams.get("since")).toBe("2026-11-25T10:00:04.000");
    expect(follower.gaps).toEqual([]);
  });

  it("that nobody can ask about is told as a gap, in its place, to whoever comes back later too", async () => {
    const { backend } = await begin({});
    const follower = stage.follow();
    await comesTo(() => follower.messages, greeting);
    const reader = await stage.read();
    await comesTo(() => reader.named("throughline.heartbeat").length, 1);
    const cursor = reader.events.find(({ id }) => id !== undefined)?.id ?? "";
    backend.cut();
    await comesTo(() => follower.gaps, ["upstream"]);
    backend.send({ n: 2 });
    await comesTo(() => follower.messages.at(-1), '{"n":2}');
    const late = await stage.read("/feed", { "last-event-id": cursor });
    await comesTo(
      () => late.events.slice(3).map(({ type }) => type),
      ["throughline.gap", "message", "message"],
    );
  });

  it("is told while it lasts: readers stay, and get everything after it", async () => {
    const { backend } = await begin(ROUNDS);
    const reader = await stage.read();
    await comesTo(() => reader.messages, greeting);
    await backend.stop();
    await eventually(() => expect(reader.named("throughline.source")).toHaveLength(1));
    expect(JSON.parse(reader.named("throughline.source")[0] ?? "")).toMatchObject({
      state: "stale",
    });
    const late = await stage.read();
    await eventually(() => expect(late.named("throughline.source")).toHaveLength(1));
    backend.greeting = [{ type: "connection" }, alert(1)];
    await backend.start();
    await comesTo(() => reader.messages.slice(1), text(alert(1)));
    await comesTo(() => late.messages.slice(-1), text(alert(1)));
    await comesTo(() => JSON.parse(reader.named("throughline.source").at(-1) ?? "").state, "live");
    expect(reader.isOver).toBe(false);
  });

  it("before the backend has ever answered: the reader waits, and is greeted in the end", async () => {
    const { backend } = await begin(ROUNDS);
    await backend.stop();
    const reader = await stage.read();
    expect(reader.status).toBe(200);
    await eventually(() => expect(reader.named("throughline.hello")).toHaveLength(1));
    await backend.start();
    await comesTo(() => reader.messages, greeting);
  });

  it("is told in place of an event that no log can take, and what follows comes", async () => {
    const { backend } = await begin({}, { log: createMemoryLog({ maxBytes: 5000 }) });
    const follower = stage.follow();
    await comesTo(() => follower.messages, greeting);
    backend.send({ n: 1 }, { large: "x".repeat(6000) }, { n: 2 });
    await comesTo(() => follower.messages.slice(1), text({ n: 1 }, { n: 2 }));
    expect(follower.gaps).toEqual(["upstream"]);
    expect(stage.errors).toHaveLength(1);
    expect(backend.asked).toHaveLength(1);
  });

  it("of the log costs nothing that the backend still tells", async () => {
    const memory = createMemoryLog();
    let failures = 2;
    const append: EventLog["append"] = (stream, ...rest) => {
      if (!stream.startsWith("feed/") || failures === 0) return memory.append(stream, ...rest);
      failures -= 1;
      return Promise.reject(new Error("no space left"));
    };
    const { backend } = await begin(ROUNDS, { log: { ...bound(memory), append } });
    backend.greeting = [{ type: "connection" }, alert(1)];
    const reader = await stage.read();
    await comesTo(
      () => reader.messages.filter((data) => data === JSON.stringify(alert(1))).length,
      1,
    );
    expect(failures).toBe(0);
    expect(stage.errors).toHaveLength(2);
  });

  it("by silence is noticed at its deadline", async () => {
    const { backend } = await begin({ ...ROUNDS, upstream: { silenceMs: 600 } });
    const reader = await stage.read();
    await comesTo(() => reader.messages, greeting);
    await comesTo(() => backend.asked.length > 1, true);
  });
});

describe("a piece of work", () => {
  const work = {
    life: "run",
    fresh: { at: "earliest" },
    greetings: [{ type: "connection" }],
    passing: [{ type: "heartbeat" }],
    ends: [{ match: { type: "done" }, means: "rest" }],
  } as const;

  it("is begun once for all who come while it runs, and for whoever comes back", async () => {
    const { backend } = await begin(work);
    const first = await stage.read();
    await comesTo(() => first.messages, greeting);
    backend.send({ step: 1 });
    await comesTo(() => first.messages.length, 2);
    const second = await stage.read();
    await comesTo(() => second.messages, [...greeting, ...text({ step: 1 })]);
    const cursor = first.events.at(-1)?.id ?? "";
    first.close();
    backend.send({ step: 2 }, { type: "done" });
    const third = await stage.read("/feed", { "last-event-id": cursor });
    await comesTo(() => third.messages, text({ step: 2 }, { type: "done" }));
    await comesTo(() => backend.open.size, 0);
    expect(second.isOver).toBe(false);
    const late = await stage.read("/feed", { "last-event-id": cursor });
    await comesTo(() => late.messages, text({ step: 2 }, { type: "done" }));
    expect(backend.asked).toHaveLength(1);
  });

  it("is over when its response ends, and not begun again for whoever reads", async () => {
    const { backend } = await begin(work);
    const follower = stage.follow();
    await comesTo(() => follower.messages, greeting);
    backend.send({ step: 1 });
    backend.end();
    await comesTo(() => follower.source.connection.reason, "complete");
    expect(follower.messages.slice(1)).toEqual(text({ step: 1 }));
    expect(backend.asked).toHaveLength(1);
  });

  it("that ends ends its readers, and does not bring them back", async () => {
    const { backend } = await begin({ ...work, ends: [{ match: { type: "done" }, means: "end" }] });
    const follower = stage.follow();
    await comesTo(() => follower.messages, greeting);
    backend.send({ type: "done" });
    await comesTo(() => follower.source.connection.reason, "complete");
    expect(follower.messages.at(-1)).toBe('{"type":"done"}');
    expect(backend.asked).toHaveLength(1);
  });
});

describe("a gateway that is started anew", () => {
  it("goes on with what is stored, and asks from there", async () => {
    const { backend } = await begin(ROUNDS);
    const follower = stage.follow();
    await comesTo(() => follower.messages, greeting);
    backend.send(alert(1));
    await comesTo(() => follower.messages.length, 2);
    await stage.stopGateway();
    backend.greeting = [{ type: "connection" }, alert(2), alert(1)];
    await stage.startGateway();
    await comesTo(() => follower.messages.slice(1), text(alert(1), alert(2)));
    expect(follower.gaps).toEqual([]);
  });
});

describe("a gateway that is started anew with nothing stored", () => {
  it("says that something may be missing to whoever has read before", async () => {
    const { backend } = await begin(POLLS);
    const follower = stage.follow();
    await comesTo(() => follower.messages, greeting);
    await stage.stopGateway();
    await stage.startGateway();
    await comesTo(() => follower.gaps, ["upstream"]);
    backend.send({ type: "heartbeat" });
    await comesTo(() => follower.messages.slice(1), text({ type: "heartbeat" }));
  });

  it("says nothing where the backend's round shows that nothing is missing", async () => {
    const { backend } = await begin(ROUNDS);
    const follower = stage.follow();
    await comesTo(() => follower.messages, greeting);
    await stage.stopGateway();
    backend.greeting = [{ type: "connection" }, alert(2), alert(1)];
    await stage.startGateway();
    await comesTo(() => follower.messages.slice(1), text(alert(2), alert(1)));
    expect(follower.gaps).toEqual([]);
  });
});

describe("what is no stream", () => {
  it("goes through to the backend", async () => {
    await begin({});
    const answer = await fetch(`${stage.origin}/other?a=1`, { method: "PUT", body: "x" });
    expect(await answer.text()).toBe("PUT /other?a=1");
    const head = await fetch(`${stage.origin}/feed`, { method: "POST", body: "x" });
    expect(head.status).toBe(200);
  });

  it("the drop-in's leases do not", async () => {
    const { backend } = await begin({});
    const reader = await stage.read();
    await eventually(() => expect(reader.named("throughline.hello")).toHaveLength(1));
    const { lease } = JSON.parse(reader.named("throughline.hello")[0] ?? "");
    const renewal = await fetch(new URL(lease.url, `${stage.origin}/feed`), { method: "POST" });
    expect(renewal.status).toBe(200);
    expect(backend.asked).toHaveLength(1);
  });
});
