// How long a body may take, how much of all bodies may be in memory, and how large a head may be.

import { describe, expect, it } from "vitest";
import type { BodyResult, HubAnswer } from "../../../src/hub/exchange.js";
import type { BodyWatch } from "../../../src/hub/limits/bodies.js";
import { NEWS, Stage } from "../stage.js";

const HEADERS = { "content-type": "application/json" };

/** A publishing request whose body comes piece by piece. */
class Upload {
  answer: HubAnswer | undefined;
  watch: BodyWatch | undefined;
  #finish: (body: BodyResult) => void = () => {};

  constructor(stage: Stage) {
    const readBody = (_maxBytes: number, watch?: BodyWatch) => {
      this.watch = watch;
      return new Promise<BodyResult>((resolve) => {
        this.#finish = resolve;
      });
    };
    void stage
      .request("/streams/news", { method: "POST", headers: HEADERS, readBody })
      .then((answer) => {
        this.answer = answer;
      });
  }

  /** As an adapter reads: a piece that is not wanted is the last. */
  send(byteLength: number): void {
    if (this.watch?.onBytes(byteLength) === false) this.#finish({ kind: "aborted" });
  }

  finish(): void {
    this.#finish({ kind: "text", text: '{"data":"x"}' });
  }

  get outcome(): unknown {
    if (this.answer?.kind !== "plain") return undefined;
    return [this.answer.status, JSON.parse(this.answer.body).code];
  }
}

describe("a body that does not come", () => {
  it("is waited for as long as was settled, and then answered 408", async () => {
    const stage = new Stage({ bodyTimeoutMs: 5000 });
    const upload = new Upload(stage);
    await stage.environment.pass(4999);
    expect([upload.answer, upload.watch?.signal.aborted]).toEqual([undefined, false]);
    await stage.environment.pass(1);
    expect(upload.outcome).toEqual([408, "body-too-slow"]);
    expect(upload.answer).toMatchObject({ headers: { connection: "close" } });
    expect(upload.watch?.signal.aborted).toBe(true);
    expect(stage.environment.timers).toBe(0);
  });

  it("at a trickle is no better: the time is for all of it", async () => {
    const stage = new Stage({ bodyTimeoutMs: 5000 });
    const upload = new Upload(stage);
    for (let second = 0; second < 5; second += 1) {
      await stage.environment.pass(1000);
      upload.send(1);
    }
    expect(upload.outcome).toEqual([408, "body-too-slow"]);
    expect(stage.core.bodies.pendingBytes).toBe(0);
  });

  it("in time is published, and leaves no timer", async () => {
    const stage = new Stage({ bodyTimeoutMs: 5000 });
    const upload = new Upload(stage);
    await stage.environment.pass(4999);
    upload.finish();
    await stage.environment.pass(10_000);
    expect([upload.answer, stage.environment.timers]).toMatchObject([{ status: 201 }, 0]);
  });
});

describe("bodies of many requests", () => {
  const LIMITS = { maxBodyBytes: 1000, maxPendingBodyBytes: 2500 };

  it("are refused where they would be more than may be in memory, and only those", async () => {
    const stage = new Stage(LIMITS);
    const uploads = [new Upload(stage), new Upload(stage), new Upload(stage)];
    await stage.environment.settle();
    for (const upload of uploads) upload.send(900);
    await stage.environment.settle();
    expect(uploads.map(({ outcome }) => outcome)).toEqual([
      undefined,
      undefined,
      [503, "too-many-bodies"],
    ]);
    expect(uploads[2]?.answer).toMatchObject({
      headers: { connection: "close", "retry-after": "2" },
    });
    expect(stage.core.bodies.pendingBytes).toBe(1800);
    uploads[0]?.finish();
    await stage.environment.settle();
    expect(uploads[0]?.answer).toMatchObject({ status: 201 });
    const next = new Upload(stage);
    await stage.environment.settle();
    next.send(900);
    next.finish();
    await stage.environment.settle();
    expect(next.answer).toMatchObject({ status: 201 });
    expect(stage.core.bodies.pendingBytes).toBe(900);
  });

  it("count until the log has what they say", async () => {
    const stage = new Stage(LIMITS);
    let store = () => {};
    const { append } = stage.log;
    stage.log.append = async (name, events) => {
      await new Promise<void>((resolve) => {
        store = resolve;
      });
      return append.call(stage.log, name, events);
    };
    const upload = new Upload(stage);
    await stage.environment.settle();
    upload.send(900);
    upload.finish();
    await stage.environment.settle();
    expect(stage.core.bodies.pendingBytes).toBe(900);
    store();
    await stage.environment.settle();
    expect([stage.core.bodies.pendingBytes, (await stage.log.head(NEWS)).offset]).toEqual([0, 1]);
  });

  it("do not count any more where a request broke off", async () => {
    const stage = new Stage(LIMITS);
    const request = stage.request("/streams/news", {
      method: "POST",
      headers: HEADERS,
      readBody: async (_maxBytes, watch) => {
        watch?.onBytes(900);
        return { kind: "aborted" };
      },
    });
    await expect(request).rejects.toThrow("no answer");
    expect(stage.core.bodies.pendingBytes).toBe(0);
  });
});

describe("a head", () => {
  it.each([
    [{ count: 101, bytes: 10 }, 431],
    [{ count: 1, bytes: 16_385 }, 431],
    [{ count: 100, bytes: 16_384 }, 200],
  ])("of %j is answered %i", async (extent, status) => {
    const stage = new Stage();
    const head = { method: "HEAD", headerExtent: () => extent };
    const answer = await stage.plain("/streams/news", head);
    expect(answer.status).toBe(status);
    if (status !== 431) return;
    expect(JSON.parse(answer.body)).toMatchObject({ code: "headers-too-large" });
    expect(answer.headers).toMatchObject({ connection: "close" });
  });
});
