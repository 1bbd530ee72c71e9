// Who is let in: the hook is asked before anything else, and only a clear yes is one.

import type { AccessAnswer, AccessRequest, Authorize } from "@throughline/server";
import { describe, expect, it, vi } from "vitest";
import type { HubAnswer } from "../../src/hub/exchange.js";
import { route } from "../../src/hub/router.js";
import { RecordingSink } from "./recording-sink.js";
import { NEWS, numbers, Stage } from "./stage.js";

const JSON_TYPE = { "content-type": "application/json" };

/** A stage whose hook always says the same. */
function stageSaying(answer: unknown): Stage {
  return new Stage({ authorize: () => answer as AccessAnswer });
}

async function post(stage: Stage, body: unknown) {
  return stage.plain("/streams/news", {
    method: "POST",
    headers: JSON_TYPE,
    body: JSON.stringify(body),
  });
}

async function open(stage: Stage, target: string, headers: Record<string, string> = {}) {
  const sink = new RecordingSink();
  (await stage.stream(target, { headers })).open(sink);
  await stage.environment.settle();
  return sink;
}

const codeOf = ({ body }: { body: string }) => (JSON.parse(body) as { code: string }).code;

describe("the hook", () => {
  it("is told what somebody wants to do, and has the request itself", async () => {
    const authorize = vi.fn<Authorize>(() => ({}));
    const stage = new Stage({ authorize });
    await stage.request("/streams/ward/42?topics=a,b/*", { headers: { cookie: "s=1" } });
    await stage.request("/streams/news");
    await post(stage, { data: "" });
    const asked = authorize.mock.calls.map(([request]) => request);
    expect(asked.map(({ action, stream, topics }) => [action, stream, topics])).toEqual([
      ["subscribe", "ward/42", ["a", "b/*"]],
      ["subscribe", "news", undefined],
      ["publish", "news", undefined],
    ]);
    const [first] = asked as [AccessRequest];
    expect([first.header("Cookie"), first.header("cookie"), first.header("x")]).toEqual([
      "s=1",
      "s=1",
      undefined,
    ]);
    expect((first.request as Request).headers.get("cookie")).toBe("s=1");
  });

  it("may answer at once or later", async () => {
    for (const authorize of [() => ({}), async () => ({})]) {
      expect((await new Stage({ authorize }).subscribe()).types).toContain("throughline.hello");
    }
  });

  it("is not asked about what cannot be read anyway, nor by a hub that is shutting down", async () => {
    const authorize = vi.fn<Authorize>(() => ({}));
    const stage = new Stage({ authorize });
    await stage.plain("/streams/a%20b");
    await stage.plain("/streams/news?topics=");
    await stage.plain("/elsewhere");
    stage.core.isClosing = true;
    await stage.plain("/streams/news");
    expect(authorize).not.toHaveBeenCalled();
  });

  it("is asked before the log is", async () => {
    const stage = stageSaying({ status: 403 });
    const head = vi.spyOn(stage.log, "head");
    const read = vi.spyOn(stage.log, "read");
    const append = vi.spyOn(stage.log, "append");
    await stage.plain("/streams/news?cursor=e1.1");
    await post(stage, { data: "" });
    expect([head, read, append].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
  });

  it("leaves nothing behind of what it has refused", async () => {
    const stage = stageSaying({ status: 401 });
    await stage.plain("/streams/news");
    await post(stage, { data: "" });
    await stage.core.connections.empty();
    expect([stage.core.sessions?.size, stage.core.feeds.size]).toEqual([0, 0]);
    expect(stage.environment.timers).toBe(0);
  });
});

describe("a refusal", () => {
  it.each([
    [{ status: 401 }, 401, "unauthorized", 'Bearer realm="throughline"'],
    [{ status: 403 }, 403, "forbidden", undefined],
    [{ status: 401, challenge: "Session" }, 401, "unauthorized", "Session"],
    [{ status: 403, challenge: "Bearer x=1" }, 403, "forbidden", "Bearer x=1"],
  ])("%j is answered as such", async (answer, status, code, challenge) => {
    const stage = stageSaying(answer);
    for (const refused of [await stage.plain("/streams/news"), await post(stage, { data: "" })]) {
      expect([refused.status, codeOf(refused)]).toEqual([status, code]);
      expect(refused.headers["www-authenticate"]).toBe(challenge);
    }
    expect(stage.errors).toEqual([]);
  });

  it("says what the hook says", async () => {
    const answer = await stageSaying({ status: 403, detail: "Ask your ward." }).plain(
      "/streams/news",
    );
    expect(JSON.parse(answer.body)).toMatchObject({ title: "Forbidden", detail: "Ask your ward." });
  });

  it("is the same whatever there is: nothing, a stream, a complete one, any cursor", async () => {
    const answers: HubAnswer[] = [];
    for (const prepare of [
      async () => {},
      async (stage: Stage) => stage.publish(...numbers(1, 3)),
      async (stage: Stage) => stage.log.seal(NEWS),
    ]) {
      const stage = stageSaying({ status: 403 });
      await prepare(stage);
      for (const query of ["", "?cursor=e1.1", "?cursor=e9.9", "?cursor=nonsense"]) {
        // Every answer repeats the name of its request.
        const headers = { "x-request-id": "same" };
        answers.push(await stage.request(`/streams/news${query}`, { headers }));
        answers.push(await stage.request(`/streams/news${query}`, { method: "HEAD", headers }));
      }
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it("of publishing comes before the body is read", async () => {
    const stage = stageSaying({ status: 401 });
    const readBody = vi.fn();
    const answer = await route(stage.core, {
      method: "POST",
      target: "/streams/news",
      header: () => undefined,
      raw: new Request("http://hub/"),
      readBody,
    });
    expect(answer).toMatchObject({ status: 401 });
    expect(readBody).not.toHaveBeenCalled();
  });
});

describe("a hook that fails", () => {
  const failures: [string, Authorize][] = [
    [
      "throws",
      () => {
        throw new Error("store gone");
      },
    ],
    ["rejects", () => Promise.reject(new Error("store gone"))],
    ...[
      ["says nothing", undefined],
      ["says null", null],
      ["says true", true],
      ["says yes in a word", "yes"],
      ["says a list", []],
      ["returns an error", new Error("store gone")],
      ["returns a session", new Map()],
      ["says 200", { status: 200 }],
      ["says no status", { status: undefined }],
      ["mistypes the topics", { topic: ["a"] }],
      ["says topics that are no list", { topics: "a" }],
      ["says topics that are no patterns", { topics: ["a,b"] }],
      ["says too many topics", { topics: Array(1001).fill("a") }],
      ["says an empty identity", { identity: "" }],
      ["says a number as identity", { identity: 7 }],
      ["says a time that is none", { expiresAtMs: Number.NaN }],
      ["says a date", { expiresAtMs: new Date() }],
      ["says a challenge of two lines", { status: 401, challenge: "a\r\nb" }],
      ["says a grant and a denial", { status: 403, identity: "a" }],
    ].map(([name, answer]): [string, Authorize] => [String(name), () => answer as AccessAnswer]),
  ];

  it.each(failures)("and %s lets nobody in, and is reported", async (_, authorize) => {
    const stage = new Stage({ authorize });
    for (const answer of [await stage.plain("/streams/news"), await post(stage, { data: "" })]) {
      expect([answer.status, codeOf(answer)]).toEqual([503, "authorization-failed"]);
      expect(answer.headers["retry-after"]).toBe("1");
      expect(answer.body).not.toContain("store gone");
    }
    expect(stage.errors).toMatchObject([
      { code: "authorization-failed" },
      { code: "authorization-failed" },
    ]);
    expect((await stage.log.head(NEWS)).offset).toBe(0);
    expect([stage.core.sessions?.size, stage.core.connections.all()]).toEqual([0, []]);
  });

  it("is shown to the operator with what was thrown", async () => {
    const cause = new Error("store gone");
    const stage = new Stage({ authorize: () => Promise.reject(cause) });
    await stage.plain("/streams/news");
    expect(stage.errors).toMatchObject([{ cause }]);
  });

  it("to answer in time lets nobody in, also when it does later", async () => {
    let answerLate: (answer: AccessAnswer) => void = () => {};
    const authorize = () => new Promise<AccessAnswer>((resolve) => (answerLate = resolve));
    const stage = new Stage({ authorize, authorizeTimeoutMs: 500 });
    const waiting = stage.plain("/streams/news");
    await stage.environment.pass(499);
    expect(stage.errors).toEqual([]);
    await stage.environment.pass(1);
    expect((await waiting).status).toBe(503);
    answerLate({});
    await stage.environment.settle();
    expect(stage.core.connections.all()).toEqual([]);
    expect(stage.errors).toMatchObject([{ message: expect.stringContaining("within 500 ms") }]);
  });

  it("after that it was given up is no failure that nobody looks at", async () => {
    let failLate: (error: Error) => void = () => {};
    const authorize = () =>
      new Promise<AccessAnswer>((_, reject) => {
        failLate = reject;
      });
    const stage = new Stage({ authorize, authorizeTimeoutMs: 500 });
    const waiting = stage.plain("/streams/news");
    await stage.environment.pass(500);
    failLate(new Error("store gone"));
    // A rejection that nobody looks at fails the whole run.
    expect((await waiting).status).toBe(503);
    expect(stage.errors).toHaveLength(1);
  });

  it("to answer collects no more than a thousand requests; the others are told to come later", async () => {
    const authorize = vi.fn<Authorize>(() => new Promise(() => {}));
    const stage = new Stage({ authorize });
    const waiting = Array.from({ length: 1000 }, () => stage.plain("/streams/news"));
    const refused = await post(stage, { data: "" });
    expect([refused.status, codeOf(refused)]).toEqual([503, "authorization-failed"]);
    expect(refused.headers["retry-after"]).toBe("2");
    expect(authorize).toHaveBeenCalledTimes(1000);
    await stage.environment.pass(3000);
    await Promise.all(waiting);
    void stage.plain("/streams/news");
    await stage.environment.settle();
    expect(authorize).toHaveBeenCalledTimes(1001);
  });

  it("gives the place back that was kept for the answer", async () => {
    let isBroken = true;
    const authorize = () => {
      if (isBroken) throw new Error("store gone");
      return {};
    };
    const stage = new Stage({ maxConnections: 1, authorize });
    await stage.plain("/streams/news");
    isBroken = false;
    expect((await stage.subscribe()).types).toContain("throughline.hello");
  });
});

describe("a grant of some topics", () => {
  const events = ["a", "b/1", "b/2", "c"].map((topic) => ({ topic, data: topic }));

  it("is the filter of a subscription that asks for none", async () => {
    const stage = stageSaying({ topics: ["a", "b/*"] });
    const sink = await stage.subscribe();
    await stage.publish(...events, "without a topic");
    expect(sink.data).toEqual(["a", "b/1", "b/2"]);
  });

  it("filters what is replayed, too, whatever cursor is shown", async () => {
    const stage = stageSaying({ topics: ["a"] });
    await stage.publish(...events, "without a topic");
    for (const cursor of ["earliest", "e1.0", "other.3", "nonsense"]) {
      expect((await stage.subscribe(`?cursor=${cursor}`)).data).toEqual(["a"]);
    }
  });

  it("lets less be asked for", async () => {
    const stage = stageSaying({ topics: ["a", "b/*"] });
    const sink = await stage.subscribe("?topics=b/2");
    await stage.publish(...events);
    expect(sink.data).toEqual(["b/2"]);
  });

  it.each(["c", "b/**", "**", "a,c"])("refuses the wish for %s", async (topics) => {
    const stage = stageSaying({ topics: ["a", "b/*"] });
    const answer = await stage.plain(`/streams/news?topics=${topics}`);
    expect([answer.status, codeOf(answer)]).toEqual([403, "forbidden"]);
    expect(stage.core.sessions?.size).toBe(0);
  });

  it("that is empty lets nothing be read", async () => {
    expect((await stageSaying({ topics: [] }).plain("/streams/news")).status).toBe(403);
  });

  it("lets events of these topics be published, and a batch only as a whole", async () => {
    const stage = stageSaying({ topics: ["a", "b/*"] });
    expect((await post(stage, events.slice(0, 3))).status).toBe(201);
    for (const refused of [events, { data: "without a topic" }, { data: "", topic: "b" }]) {
      const answer = await post(stage, refused);
      expect([answer.status, codeOf(answer)]).toEqual([403, "forbidden"]);
    }
    expect((await stage.log.head(NEWS)).offset).toBe(3);
  });

  it("of everything includes what has no topic", async () => {
    const stage = stageSaying({});
    const sink = await stage.subscribe();
    expect((await post(stage, { data: "without a topic" })).status).toBe(201);
    await stage.environment.settle();
    expect(sink.data).toEqual(["without a topic"]);
  });
});

describe("a cursor", () => {
  it("carries no authority: another's opens nothing, and one of another stream says nothing", async () => {
    const authorize: Authorize = ({ header, stream }) =>
      header("authorization") === stream ? { identity: stream } : { status: 403 };
    const stage = new Stage({ authorize });
    await stage.publish(...numbers(1, 5));
    const alice = await open(stage, "/streams/news", { authorization: "news" });
    const cursor = alice.events.at(-1)?.id ?? "";
    const stolen = { authorization: "other", "last-event-id": cursor };
    expect((await stage.plain("/streams/news", { headers: stolen })).status).toBe(403);
    const elsewhere = await open(stage, "/streams/other", stolen);
    expect(elsewhere.data).toEqual([]);
    expect(elsewhere.payloads("throughline.gap")).toMatchObject([{ from: null, to: null }]);
  });
});
