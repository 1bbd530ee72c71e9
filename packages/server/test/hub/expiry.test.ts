// Grants that end: their readers are told in time, and ended in good order.

import type { AccessGrant, HubOptions } from "@throughline/server";
import type { Renew } from "throughline/core";
import { describe, expect, it, vi } from "vitest";
import { RecordingSink } from "./recording-sink.js";
import { numbers, Stage } from "./stage.js";
import { WALL_START_MS } from "./virtual-environment.js";

const RENEW = "throughline.renew";

/** What a hub does may be late by a round of its wheel. */
const ROUND_MS = 500;

function stageFor(lifeMs: number, options: Partial<HubOptions> = {}): Stage {
  const authorize = () => ({ expiresAtMs: WALL_START_MS + lifeMs });
  return new Stage({ authorize, reauthorizeMs: 0, ...options });
}

const renewals = (sink: RecordingSink) => sink.payloads(RENEW) as Renew[];

/** Lets time pass until something holds, and says how long that took. */
async function timeUntil(stage: Stage, holds: () => boolean): Promise<number> {
  const startMs = stage.environment.nowMs();
  while (!holds()) {
    await stage.environment.pass(50);
    if (stage.environment.nowMs() - startMs > 7_200_000) throw new Error("never within two hours");
  }
  return stage.environment.nowMs() - startMs;
}

describe("a reader whose grant will end", () => {
  it("is told at least half a minute before, and for how long it still has", async () => {
    const stage = stageFor(600_000);
    const sink = await stage.subscribe();
    const toldMs = await timeUntil(stage, () => renewals(sink).length > 0);
    const [{ expiresInMs } = { expiresInMs: 0 }] = renewals(sink);
    expect(expiresInMs).toBeGreaterThanOrEqual(30_000);
    expect(expiresInMs).toBeLessThanOrEqual(45_000);
    expect(Math.abs(toldMs + expiresInMs - 600_000)).toBeLessThanOrEqual(50);
    expect(sink.events.find(({ type }) => type === RENEW)?.id).toBeUndefined();
  });

  it("is told once", async () => {
    const stage = stageFor(60_000);
    const sink = await stage.subscribe();
    await stage.environment.pass(59_000);
    expect(renewals(sink)).toHaveLength(1);
  });

  it("is told when a third is left, where that is less", async () => {
    const stage = stageFor(12_000);
    const sink = await stage.subscribe();
    await timeUntil(stage, () => renewals(sink).length > 0);
    const [{ expiresInMs } = { expiresInMs: 0 }] = renewals(sink);
    expect(expiresInMs).toBeGreaterThanOrEqual(4000 - ROUND_MS);
    expect(expiresInMs).toBeLessThanOrEqual(6000);
  });

  it("is told when the hub was told to", async () => {
    const stage = stageFor(600_000, { renewBeforeMs: 120_000 });
    const sink = await stage.subscribe();
    await timeUntil(stage, () => renewals(sink).length > 0);
    expect(renewals(sink)[0]?.expiresInMs).toBeGreaterThanOrEqual(120_000);
  });

  it("is told at a moment of its own", async () => {
    const stage = stageFor(600_000);
    const chances = [0, 0.5, 0.99];
    const sinks: RecordingSink[] = [];
    for (const chance of chances) {
      stage.environment.random = () => chance;
      sinks.push(await stage.subscribe());
    }
    await stage.environment.pass(599_000);
    const told = sinks.map((sink) => renewals(sink)[0]?.expiresInMs ?? 0);
    expect(told.map((ms) => Math.ceil(ms / 1000))).toEqual([30, 38, 45]);
  });

  it("is served on until the end, then ended in good order", async () => {
    const stage = stageFor(10_000);
    const sink = await stage.subscribe();
    await stage.environment.pass(9900);
    await stage.publish("last");
    expect([sink.data, sink.isEnded]).toEqual([["last"], false]);
    await stage.environment.pass(100 + ROUND_MS);
    expect([sink.isEnded, sink.isDestroyed]).toEqual([true, false]);
    await stage.publish("too late");
    expect(sink.data).toEqual(["last"]);
  });

  it("is ended then also in the middle of a replay, or when it takes nothing", async () => {
    const stage = stageFor(10_000);
    await stage.append(...numbers(1, 2000));
    const sink = new RecordingSink();
    sink.room = 1;
    (await stage.stream("/streams/news?cursor=e1.0")).open(sink);
    await stage.environment.pass(10_000 + ROUND_MS);
    expect(sink.isEnded).toBe(true);
  });

  it("is refused where its grant is over already, and so does not come and go", async () => {
    for (const lifeMs of [0, -1, Number.NEGATIVE_INFINITY]) {
      const answer = await stageFor(lifeMs).plain("/streams/news");
      expect([answer.status, answer.headers["www-authenticate"]]).toEqual([
        401,
        'Bearer realm="throughline"',
      ]);
    }
  });

  it("is ended by the calendar: also when that was set forward", async () => {
    const stage = stageFor(600_000);
    const sink = await stage.subscribe();
    stage.environment.wallSkewMs = 600_000;
    await stage.environment.pass(ROUND_MS);
    expect(sink.isEnded).toBe(true);
  });
});

describe("a grant", () => {
  it.each([Number.POSITIVE_INFINITY, Number.MAX_VALUE, 8.64e15, undefined])(
    "until %d keeps a connection for good",
    async (expiresAtMs) => {
      const grant: AccessGrant = { expiresAtMs };
      const stage = new Stage({ authorize: () => grant, reauthorizeMs: 0 });
      const sink = await stage.subscribe();
      await stage.environment.pass(3_600_000);
      expect([renewals(sink), sink.isEnded]).toEqual([[], false]);
    },
  );

  it("needs no timer of its own", async () => {
    const stage = stageFor(60_000, { reauthorizeMs: 30_000 });
    await stage.subscribe();
    const { timers } = stage.environment;
    for (let reader = 0; reader < 10; reader += 1) await stage.subscribe();
    expect(stage.environment.timers).toBe(timers);
  });

  it("that is over when the body has come lets nothing be published", async () => {
    const stage = stageFor(1000);
    const append = vi.spyOn(stage.log, "append");
    const body = '{"data":""}';
    const headers = { "content-type": "application/json" };
    const answer = stage.plain("/streams/news", { method: "POST", headers, body });
    stage.environment.wallSkewMs = 2000;
    expect((await answer).status).toBe(401);
    expect(append).not.toHaveBeenCalled();
  });
});
