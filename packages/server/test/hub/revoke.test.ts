// Sessions that are revoked: what is served by them ends at once, at whatever point it is.

import type { AccessAnswer, Authorize, HubSession } from "@throughline/server";
import { createHub } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { describe, expect, it, vi } from "vitest";
import { RecordingSink } from "./recording-sink.js";
import { NEWS, numbers, Stage } from "./stage.js";

const byName: Authorize = ({ header }) => ({ identity: header("authorization") ?? "nobody" });

const isAlice = ({ identity }: HubSession) => identity === "alice";

async function open(stage: Stage, name: string, target = "/streams/news") {
  const sink = new RecordingSink();
  (await stage.stream(target, { headers: { authorization: name } })).open(sink);
  await stage.environment.settle();
  return sink;
}

const revoke = (stage: Stage) => stage.core.sessions?.revoke(isAlice);

describe("revoking", () => {
  it("ends all connections of an identity at once and in good order, and no others", async () => {
    const stage = new Stage({ authorize: byName });
    const alices = [await open(stage, "alice"), await open(stage, "alice", "/streams/other")];
    const bob = await open(stage, "bob");
    expect(revoke(stage)).toBe(2);
    expect(alices.map(({ isEnded, isDestroyed }) => [isEnded, isDestroyed])).toEqual([
      [true, false],
      [true, false],
    ]);
    await stage.publish("for bob");
    expect([alices[0]?.data, bob.data, bob.isEnded]).toEqual([[], ["for bob"], false]);
    expect(revoke(stage)).toBe(0);
  });

  it("shows a predicate what each session is", async () => {
    const stage = new Stage({ authorize: byName });
    await open(stage, "alice");
    await open(stage, "bob", "/streams/other");
    const seen: unknown[] = [];
    stage.core.sessions?.revoke(({ action, stream, identity }) => {
      seen.push([action, stream, identity]);
      return false;
    });
    expect(seen).toEqual([
      ["subscribe", "news", "alice"],
      ["subscribe", "other", "bob"],
    ]);
  });

  it("ends a replay between two events, and a reader that takes nothing", async () => {
    const stage = new Stage({ authorize: byName });
    await stage.append(...numbers(1, 2000));
    const sink = new RecordingSink();
    sink.room = 1;
    const headers = { authorization: "alice" };
    (await stage.stream("/streams/news?cursor=e1.0", { headers })).open(sink);
    revoke(stage);
    expect(sink.isEnded).toBe(true);
  });

  it("lets whoever comes back be asked about anew", async () => {
    const stage = new Stage({ authorize: byName });
    await open(stage, "alice");
    revoke(stage);
    expect((await open(stage, "alice")).types).toContain("throughline.hello");
  });

  it("reaches a subscription whose hook was asked before and answers after", async () => {
    let answer: (answer: AccessAnswer) => void = () => {};
    const authorize = () => new Promise<AccessAnswer>((resolve) => (answer = resolve));
    const stage = new Stage({ authorize });
    const head = vi.spyOn(stage.log, "head");
    const waiting = stage.plain("/streams/news");
    await stage.environment.settle();
    revoke(stage);
    answer({ identity: "alice" });
    expect((await waiting).status).toBe(401);
    expect(head).not.toHaveBeenCalled();
    expect(stage.core.sessions?.size).toBe(0);
  });

  it("reaches one that waits for the log", async () => {
    const stage = new Stage({ authorize: byName });
    let letThrough = () => {};
    const gate = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    const readHead = stage.log.head.bind(stage.log);
    stage.log.head = (stream) => gate.then(() => readHead(stream));
    const waiting = stage.plain("/streams/news", { headers: { authorization: "alice" } });
    await stage.environment.settle();
    expect(revoke(stage)).toBe(1);
    letThrough();
    expect((await waiting).status).toBe(401);
    await stage.core.connections.empty();
  });

  it("reaches one that has its answer and has not begun", async () => {
    const stage = new Stage({ authorize: byName });
    await stage.append("secret");
    const headers = { authorization: "alice" };
    const answer = await stage.stream("/streams/news?cursor=e1.0", { headers });
    revoke(stage);
    const sink = new RecordingSink();
    answer.open(sink);
    expect([sink.writes, sink.isEnded]).toEqual([[], true]);
    await stage.core.connections.empty();
  });

  it("reaches what is being published and not yet in the log", async () => {
    const stage = new Stage({ authorize: byName });
    const headers = { authorization: "alice", "content-type": "application/json" };
    const waiting = stage.plain("/streams/news", { method: "POST", headers, body: '{"data":""}' });
    expect(stage.core.sessions?.size).toBe(1);
    revoke(stage);
    expect((await waiting).status).toBe(401);
    expect((await stage.log.head(NEWS)).offset).toBe(0);
  });
});

describe("hub.revoke", () => {
  const log = createMemoryLog();

  it("takes an identity or a predicate", async () => {
    const hub = createHub({ log, authorize: byName });
    for (const whom of [{ identity: "alice" }, isAlice]) {
      const request = new Request("http://hub/streams/a", { headers: { authorization: "alice" } });
      const response = await hub.fetch(request);
      expect(hub.revoke({ identity: "bob" })).toBe(0);
      expect(hub.revoke(whom)).toBe(1);
      expect(await response.text()).toContain("throughline.hello");
    }
    await hub.close({ withinMs: 0 });
  });

  it("refuses an identity that is none: it would be everybody's", () => {
    const hub = createHub({ log, authorize: byName });
    expect(() => hub.revoke({ identity: undefined } as unknown as { identity: string })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  it("ends nobody where nobody was asked who they are", () => {
    const predicate = vi.fn(() => true);
    expect(createHub({ log }).revoke(predicate)).toBe(0);
    expect(predicate).not.toHaveBeenCalled();
  });
});
