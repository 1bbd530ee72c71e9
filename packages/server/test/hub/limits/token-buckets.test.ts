// Buckets of tokens, on virtual time, and what they are to those who subscribe and publish.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MOST_BUCKETS, TokenBuckets } from "../../../src/hub/limits/token-buckets.js";
import { IDENTIFIED, NEWS, Stage } from "../stage.js";

/** Buckets and a clock to be moved by hand. */
function bucketsOf(perSecond: number, burst: number) {
  const clock = { nowMs: 1000 };
  return { clock, buckets: new TokenBuckets({ perSecond, burst }, () => clock.nowMs) };
}

describe("a bucket", () => {
  it("gives as many tokens at once as a burst has, then one whenever one is due", () => {
    const { clock, buckets } = bucketsOf(10, 3);
    expect([1, 2, 3].map(() => buckets.take("a"))).toEqual([0, 0, 0]);
    expect(buckets.take("a")).toBeCloseTo(100);
    clock.nowMs += 99;
    expect(buckets.take("a")).toBeCloseTo(1);
    clock.nowMs += 1;
    expect(buckets.take("a")).toBe(0);
    expect(buckets.take("a")).toBeCloseTo(100);
  });

  it("is full again after a rest, and not fuller", () => {
    const { clock, buckets } = bucketsOf(10, 3);
    for (let time = 0; time < 3; time += 1) buckets.take("a");
    clock.nowMs += 1_000_000;
    expect([1, 2, 3].map(() => buckets.take("a"))).toEqual([0, 0, 0]);
    expect(buckets.take("a")).toBeGreaterThan(0);
  });

  it("is one for each key", () => {
    const { buckets } = bucketsOf(1, 1);
    expect([buckets.take("a"), buckets.take("b")]).toEqual([0, 0]);
    expect([buckets.take("a") > 0, buckets.take("b") > 0]).toEqual([true, true]);
  });

  it("can be overdrawn by what was let in already, and is then waited for", () => {
    const { clock, buckets } = bucketsOf(10, 5);
    buckets.take("a");
    buckets.charge("a", 24);
    expect(buckets.take("a")).toBeCloseTo(2100);
    clock.nowMs += 2100;
    expect(buckets.take("a")).toBe(0);
  });

  it("tells the truth: after the wait there is a token, and a moment before there is none", () => {
    const anyRate = fc.record({
      perSecond: fc.double({ min: 0.01, max: 1000, noNaN: true }),
      burst: fc.integer({ min: 1, max: 20 }),
    });
    const anyPauses = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(anyRate, anyPauses, ({ perSecond, burst }, pauses) => {
        const { clock, buckets } = bucketsOf(perSecond, burst);
        for (const pauseMs of pauses) {
          clock.nowMs += pauseMs;
          const waitMs = buckets.take("a");
          if (waitMs === 0) continue;
          clock.nowMs += waitMs * 0.99;
          expect(buckets.take("a")).toBeGreaterThan(0);
          clock.nowMs += waitMs * 0.01 + 1e-6;
          expect(buckets.take("a")).toBe(0);
        }
      }),
    );
  });

  it("never gives more in any time than the burst and what flows in meanwhile", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 300 }), (pauses) => {
        const { clock, buckets } = bucketsOf(100, 7);
        const startMs = clock.nowMs;
        let given = 0;
        for (const pauseMs of pauses) {
          clock.nowMs += pauseMs;
          if (buckets.take("a") === 0) given += 1;
          expect(given).toBeLessThanOrEqual(7 + (clock.nowMs - startMs) / 10 + 1e-6);
        }
      }),
    );
  });
});

describe("the memory of buckets", () => {
  it("is bounded, however many keys come", () => {
    const { buckets } = bucketsOf(0.001, 1);
    for (let key = 0; key < 3 * MOST_BUCKETS; key += 1) buckets.take(`key ${key}`);
    expect(buckets.size).toBe(MOST_BUCKETS);
  });

  it("forgets first who has been away for longest, and not who keeps asking", () => {
    const { buckets } = bucketsOf(0.001, 1);
    buckets.take("stays");
    for (let key = 0; key < 2 * MOST_BUCKETS; key += 1) {
      buckets.take(`key ${key}`);
      if (key % 1000 === 0) expect(buckets.take("stays")).toBeGreaterThan(0);
    }
  });

  it("is given back when the buckets are full again", () => {
    const { clock, buckets } = bucketsOf(10, 5);
    for (let key = 0; key < 1000; key += 1) buckets.take(`key ${key}`);
    clock.nowMs += 60_000;
    for (let use = 0; use < 1000; use += 1) buckets.take("one");
    expect(buckets.size).toBe(1);
  });
});

describe("subscribing too often", () => {
  const rate = { subscribeRate: { perSecond: 0.5, burst: 2 } };

  it("is answered 429 with the seconds after which it is not", async () => {
    const stage = new Stage(rate);
    const ask = (remoteAddress: string) =>
      stage.request("/streams/news", { remoteAddress, method: "HEAD" });
    await ask("192.0.2.1");
    await ask("192.0.2.1");
    const answer = await stage.plain("/streams/news", { remoteAddress: "192.0.2.1" });
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([429, "too-often"]);
    expect(answer.headers).toMatchObject({ "retry-after": "2" });
    expect(answer.headers["connection"]).toBeUndefined();
    await stage.environment.pass(1999);
    expect(await ask("192.0.2.1")).toMatchObject({ status: 429, headers: { "retry-after": "1" } });
    await stage.environment.pass(1);
    expect(await ask("192.0.2.1")).toMatchObject({ status: 200 });
    expect(await ask("192.0.2.2")).toMatchObject({ status: 200 });
    expect(stage.core.throttle.throttledTotal).toBe(2);
  });

  it("is counted by address, also by identity where there is one, and together where nothing is known", async () => {
    const stage = new Stage({ ...IDENTIFIED, subscribeRate: { perSecond: 1, burst: 2 } });
    const statusOf = async (who: { identity?: string; remoteAddress?: string }) =>
      (await stage.plain("/streams/news", { ...who, method: "HEAD" })).status;
    expect(await statusOf({ remoteAddress: "192.0.2.1", identity: "ada" })).toBe(200);
    expect(await statusOf({ remoteAddress: "192.0.2.2", identity: "ada" })).toBe(200);
    expect(await statusOf({ remoteAddress: "192.0.2.3", identity: "ada" })).toBe(429);
    expect(await statusOf({ remoteAddress: "192.0.2.3", identity: "bob" })).toBe(200);
    expect(await statusOf({ remoteAddress: "192.0.2.3", identity: "cyd" })).toBe(429);
    expect(await statusOf({ remoteAddress: "192.0.2.1" })).toBe(200);
    expect([await statusOf({}), await statusOf({}), await statusOf({})]).toEqual([200, 200, 429]);
  });

  it("is not counted for an address because an identity is called like it", async () => {
    const stage = new Stage({ ...IDENTIFIED, subscribeRate: { perSecond: 1, burst: 2 } });
    const statusOf = async (who: { identity?: string; remoteAddress?: string }) =>
      (await stage.plain("/streams/news", { ...who, method: "HEAD" })).status;
    const named = { identity: "192.0.2.9" };
    expect(await statusOf({ ...named, remoteAddress: "192.0.2.1" })).toBe(200);
    expect(await statusOf({ ...named, remoteAddress: "192.0.2.2" })).toBe(200);
    expect(await statusOf({ remoteAddress: "192.0.2.9" })).toBe(200);
  });

  it("costs the log nothing", async () => {
    const stage = new Stage({ subscribeRate: { perSecond: 1, burst: 1 } });
    await stage.plain("/streams/news", { method: "HEAD" });
    stage.log.head = () => Promise.reject(new Error("the log was asked"));
    expect((await stage.plain("/streams/other")).status).toBe(429);
    expect(stage.errors).toEqual([]);
  });

  it("is not what five thousand readers of one proxy do that come back twice within a second", async () => {
    const stage = new Stage();
    const refused = new Set<number>();
    for (let reader = 0; reader < 10_000; reader += 1) {
      const who = { remoteAddress: "203.0.113.1", method: "HEAD" };
      const { status } = await stage.plain("/streams/news", who);
      if (status !== 200) refused.add(reader);
    }
    expect([...refused]).toEqual([]);
  });
});

describe("publishing too often", () => {
  const publish = (stage: Stage, count: number, remoteAddress = "192.0.2.1") => {
    const body = JSON.stringify(Array(count).fill({ data: "x" }));
    const headers = { "content-type": "application/json" };
    return stage.plain("/streams/news", { method: "POST", headers, body, remoteAddress });
  };

  it("is noticed before the hook is asked, so that nobody can have it asked without end", async () => {
    let asked = 0;
    const authorize = () => {
      asked += 1;
      return { identity: "ada" };
    };
    const stage = new Stage({ authorize, publishRate: { perSecond: 1, burst: 1 } });
    expect((await publish(stage, 1)).status).toBe(201);
    expect((await publish(stage, 1)).status).toBe(429);
    expect(asked).toBe(1);
    expect((await publish(stage, 1, "192.0.2.2")).status).toBe(429);
    expect(asked).toBe(2);
  });

  it("is counted once for an address, also where the hook finds nobody behind it", async () => {
    const stage = new Stage({ authorize: () => ({}), publishRate: { perSecond: 1, burst: 2 } });
    const statuses = [await publish(stage, 1), await publish(stage, 1), await publish(stage, 1)];
    expect(statuses.map(({ status }) => status)).toEqual([201, 201, 429]);
  });

  it("is counted in events; a batch is let in whole, and what it overdraws is waited for", async () => {
    const stage = new Stage({ publishRate: { perSecond: 10, burst: 5 } });
    expect((await publish(stage, 25)).status).toBe(201);
    const answer = await publish(stage, 1);
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([429, "too-often"]);
    expect(answer.headers).toMatchObject({ "retry-after": "3", connection: "close" });
    expect((await publish(stage, 1, "192.0.2.2")).status).toBe(201);
    await stage.environment.pass(3000);
    expect((await publish(stage, 1)).status).toBe(201);
    expect((await stage.log.head(NEWS)).offset).toBe(27);
  });

  it("is refused before anything of the body is read", async () => {
    const stage = new Stage({ publishRate: { perSecond: 1, burst: 1 } });
    await publish(stage, 1);
    const answer = await publish(stage, 1);
    expect([answer.status, stage.bodiesRead]).toEqual([429, 1]);
  });

  it("is also to publish what cannot be read, again and again", async () => {
    const stage = new Stage({ publishRate: { perSecond: 1, burst: 2 } });
    const statuses: number[] = [];
    for (let time = 0; time < 3; time += 1) {
      statuses.push((await stage.plain("/streams/news", { method: "POST" })).status);
    }
    expect(statuses).toEqual([415, 415, 429]);
  });
});
