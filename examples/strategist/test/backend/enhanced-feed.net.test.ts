// The feed of the enhanced generation, as the contract has it (3.1).

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { OpenStream } from "./open-stream.js";

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("the enhanced feed", () => {
  let backend: Backend;
  let cookie: string;
  const streams: OpenStream[] = [];

  beforeAll(async () => {
    backend = await startBackend({ roundS: 0.05, errorPauseS: 0.05, heartbeatS: 0.1 });
    cookie = await backend.logIn();
  });
  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.close();
    await backend.clearFaults();
    // A closed stream keeps its thread until its next writes fail, and may meet faults until then.
    await backend.countsWhen(({ open }) => Object.keys(open).length === 0);
  });
  afterAll(() => backend?.close());

  async function feed(query: string): Promise<OpenStream> {
    const stream = await OpenStream.open(`${backend.url}/api/v1/strategist/feed?${query}`, cookie);
    streams.push(stream);
    return stream;
  }
  const alerts = (ward: string, count: number, severity?: "Critical" | "High" | "Low") =>
    backend.insertRows(Array.from({ length: count }, () => ({ kind: "alert", ward, severity })));
  const ids = (stream: OpenStream) => stream.data("intelligence").map(({ id }) => id);

  it("greets, sends the newest five alerts and three posts in every round, and completes after ten", async () => {
    const { ids: alertIds } = await alerts("Mill Gate", 7);
    const post = { kind: "post", ward: "Mill Gate", content: "é 😀", emotion: "Joy" } as const;
    const { ids: postIds } = await backend.insertRows([
      post,
      post,
      { ...post, party: "KCF" },
      post,
    ]);
    const stream = await (await feed("ward=mill+gate")).end();

    const round = [
      ...alertIds
        .slice(-5)
        .reverse()
        .map((id) => `alert_${id}`),
      ...postIds
        .slice(-3)
        .reverse()
        .map((id) => `post_${id}`),
    ];
    expect(ids(stream)).toEqual([...round, ...round]);
    expect([stream.types[0], stream.types.at(-1)]).toEqual(["connection", "complete"]);
    expect(stream.data("connection")[0]).toEqual({
      status: "connected",
      ward: "mill gate",
      priority: "all",
      server_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\+00:00$/),
    });
    expect(stream.data("intelligence")[5]).toEqual({
      id: round[5],
      ward: "Mill Gate",
      priority: "medium",
      title: "Heard in Mill Gate",
      content: "é 😀",
      source: "posts",
      emotion: "Joy",
      party: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+$/),
      category: "social_media",
    });
    expect(stream.data("complete")).toEqual([
      { ward: "mill gate", total_events: 16, reason: "feed_complete" },
    ]);
    const connectionIds = new Set(stream.payloads.map(({ connection_id }) => connection_id));
    expect([...connectionIds]).toEqual([expect.stringMatching(/^mill gate_\d{13}$/)]);
    expect(stream.error).toBeUndefined();
  });

  it("writes unnamed events without ids, in one line of ASCII each, as Python writes JSON", async () => {
    await backend.insertAlert({ ward: "Ghat Road", description: "é 😀", severity: "High" });
    const stream = await (await feed("ward=Ghat+Road")).end();
    const blocks = stream.text.split("\n\n").slice(0, -1);
    for (const block of blocks) expect(block).toMatch(/^data: \{"type": "[ -~]+\}$/);
    expect(stream.text).toContain(
      String.raw`"content": "\u00e9 \ud83d\ude00", "source": "database"`,
    );
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-store, must-revalidate",
      "x-accel-buffering": "no",
      "access-control-allow-origin": "*",
      "transfer-encoding": "chunked",
    });
  });

  it("sends what is inserted while it runs, in the next round", async () => {
    await alerts("Old Fort", 1);
    const stream = await (await feed("ward=Old+Fort")).untilMore("intelligence");
    const { id } = await backend.insertAlert({ ward: "Old Fort" });
    await stream.end();
    expect(ids(stream)).toContain(`alert_${id}`);
  });

  it("sends alerts of the priority that is asked for, whatever `since` says", async () => {
    await alerts("Canal Side", 1, "Low");
    const { ids: highIds } = await alerts("Canal Side", 1, "High");
    const { ids: criticalIds } = await alerts("Canal Side", 1, "Critical");
    const seen = async (priority: string) => {
      const query = `ward=canal+side&priority=${priority}&since=2099-01-01T00:00:00Z`;
      return new Set(ids(await (await feed(query)).end()));
    };
    expect(await seen("critical")).toEqual(new Set([`alert_${criticalIds[0]}`]));
    expect(await seen("high")).toEqual(new Set([`alert_${criticalIds[0]}`, `alert_${highIds[0]}`]));
    expect((await seen("all")).size).toBe(3);
  });

  it("sends briefs as from its cache", async () => {
    const brief = { kind: "brief", ward: "Desk", title: "t", content: "c", confidence: 1 } as const;
    const {
      ids: [id],
    } = await backend.insertRows([brief]);
    const stream = await (await feed("ward=Desk")).untilMore("intelligence");
    expect(stream.text).toContain(
      `"data": {"id": "brief_${id}", "ward": "Desk", "priority": "medium", "title": "t", ` +
        '"content": "c", "source": "cache", "confidence": 1.0}',
    );
  });

  it("sends a filler in each round where there is nothing, and completes after ten of them", async () => {
    const stream = await (await feed("ward=Nowhere")).end();
    expect(ids(stream)).toHaveLength(10);
    expect(stream.data("intelligence")[0]).toMatchObject({
      id: expect.stringMatching(/^strategic_\d{10}$/),
      source: "system",
      category: "strategic_analysis",
    });
  });

  it("beats between rounds when a beat is due, at the top level of the event", async () => {
    const stream = await (await feed("ward=Nowhere")).end();
    const beat = stream.payloads.find(({ type }) => type === "heartbeat");
    expect(Object.keys(beat ?? {})).toEqual(["type", "timestamp", "connection_id", "ward"]);
  });

  it("says errors after rounds that fail, with a `retry` before them, and goes on", async () => {
    await backend.setFault({ kind: "fail", endpoint: "feed", times: 2 });
    const stream = await (await feed("ward=Nowhere")).end();
    expect(stream.text.match(/^retry: 5000\ndata: \{"type": "error", "data": /gm)).toHaveLength(2);
    expect(stream.data("error")[0]).toMatchObject({ recoverable: true });
    expect(stream.types.at(-1)).toBe("complete");
  });

  it("ends after an error that is not recoverable", async () => {
    await backend.setFault({ kind: "fatal", endpoint: "feed" });
    const stream = await (await feed("ward=Nowhere")).end();
    expect(stream.types).toEqual(["connection", "intelligence", "error"]);
    expect(stream.data("error")).toEqual([
      { message: expect.any(String), error: expect.any(String), recoverable: false },
    ]);
    expect(stream.text).toContain('retry: 5000\ndata: {"type": "error"');
  });

  it("can be as blind as the application of today: fillers and errors in turn", async () => {
    await alerts("Blind Lane", 3);
    await backend.setFault({ kind: "blind", endpoint: "feed", times: "always" });
    await backend.setFault({ kind: "fail", endpoint: "feed", times: "always" });
    const stream = await (await feed("ward=Blind+Lane")).end();
    const types = stream.types.filter((type) => type !== "heartbeat");
    const pairs = Array.from({ length: 10 }, () => ["intelligence", "error"]).flat();
    expect(types).toEqual(["connection", ...pairs, "complete"]);
    expect(ids(stream)[0]).toMatch(/^fallback_\d{10}$/);
  });

  it.each([
    ["ward=%20", "Ward parameter is required"],
    [`ward=${"x".repeat(101)}`, "Ward name too long"],
    ["ward=a&priority=low", "Invalid priority: low"],
  ])("refuses bad input (%s) in a stream with status 200, which ends", async (query, message) => {
    const stream = await (await feed(query)).end();
    expect(stream.response.status).toBe(200);
    expect(stream.response.headers.get("cache-control")).toBe("no-cache");
    expect(stream.text).toBe(`data: {"type": "error", "message": "${message}"}\n\n`);
  });

  it("refuses so on demand, as if the login were missing", async () => {
    await backend.setFault({ kind: "refuse", endpoint: "feed" });
    const stream = await (await feed("ward=Nowhere")).end();
    expect(stream.text).toBe('data: {"type": "error", "message": "Authentication required"}\n\n');
  });

  it("answers with a status on demand, so many times", async () => {
    await backend.setFault({ kind: "status", status: 503, endpoint: "feed", times: 2 });
    const statuses = [
      await feed("ward=Nowhere"),
      await feed("ward=Nowhere"),
      await feed("ward=Nowhere"),
    ].map(({ response }) => response.status);
    expect(statuses).toEqual([503, 503, 200]);
    await backend.faultsHappened();
  });

  it("is cut on demand, without the end of the response", async () => {
    await backend.setFault({ kind: "cut", endpoint: "feed" });
    const url = `${backend.url}/api/v1/strategist/feed?ward=Nowhere`;
    const stream = await (await OpenStream.open(url, cookie, "keep-alive")).end();
    expect(stream.types).toEqual(["connection", "intelligence"]);
    expect(stream.error).toBeInstanceOf(Error);
  });

  it("is silent on demand, and goes on when the fault is cleared", async () => {
    await backend.setFault({ kind: "hang", endpoint: "feed" });
    const stream = await (await feed("ward=Nowhere")).untilMore("intelligence");
    const length = stream.text.length;
    // As many answers of others as a running feed would have needed for all of its rounds.
    for (let asked = 0; asked < 100; asked += 1) await backend.counts();
    expect(stream.text.length).toBe(length);
    await backend.countsWhen(({ open }) => open.feed === 1);
    await backend.clearFaults();
    await stream.end();
    expect(stream.types.at(-1)).toBe("complete");
  });
});
