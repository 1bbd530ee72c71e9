// The feed of the first generation, as the contract has it (3.2).

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { OpenStream, type Payload } from "./open-stream.js";

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("the feed of the first generation", () => {
  let backend: Backend;
  let cookie: string;
  // Rows are written right after a heartbeat, and so between two polls: what is committed during one
  // may be lost for good (D8), and is, on a busy machine.
  const POLL_S = 0.25;
  const streams: OpenStream[] = [];

  beforeAll(async () => {
    backend = await startBackend({ generation: "first", pollS: POLL_S, errorPauseS: 0.1 });
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
  const alertIds = (stream: OpenStream) => stream.data("alert").map(({ id }) => id);
  const postsOf = (stream: OpenStream) =>
    stream.data("intelligence").map(({ items }) => items as Payload[]);

  it("greets, polls at once, beats after each poll, and never ends", async () => {
    const stream = await (await feed("ward=Quiet")).untilMore("heartbeat", 3);
    expect(stream.types).toEqual(["connection", "heartbeat", "heartbeat", "heartbeat"]);
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/);
    expect(stream.payloads.slice(0, 2)).toEqual([
      { type: "connection", status: "connected", ward: "Quiet", timestamp },
      { type: "heartbeat", timestamp, ward: "Quiet" },
    ]);
    expect(stream.isDone).toBe(false);
    expect(stream.response.headers.get("cache-control")).toBe("no-cache");
  });

  it("sends nothing older than the connection without `since`, and what comes then newest first", async () => {
    await backend.insertAlert({ ward: "Mill Gate" });
    const stream = await (await feed("ward=mill")).untilMore("heartbeat");
    const row = { kind: "alert", ward: "Mill Gate", description: "d", severity: "High" } as const;
    const { ids } = await backend.insertRows([row, row, row]);
    await stream.untilMore("alert", 3);
    expect(alertIds(stream)).toEqual([...ids].reverse());
    expect(stream.data("alert")[0]).toEqual({
      id: ids[2],
      ward: "Mill Gate",
      description: "d",
      severity: "High",
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+$/),
    });
    await stream.untilMore("heartbeat", 2);
    expect(stream.count("alert")).toBe(3);
  });

  it("sends the newest ten alerts and five posts of a poll; the older are lost for good", async () => {
    const ward = "Burst";
    const stream = await (await feed(`ward=${ward}`)).untilMore("heartbeat");
    const rows = (kind: "alert" | "post", count: number) =>
      Array.from({ length: count }, () => ({ kind, ward }));
    const { ids } = await backend.insertRows([...rows("alert", 13), ...rows("post", 7)]);
    await stream.untilMore("intelligence");
    await stream.untilMore("heartbeat", 2);
    expect(alertIds(stream)).toEqual(ids.slice(3, 13).reverse());
    expect(
      postsOf(stream)
        .flat()
        .map(({ id }) => id),
    ).toEqual(ids.slice(15).reverse());
  });

  it("sends posts together, counted, and shortens them", async () => {
    const stream = await (await feed("ward=Press")).untilMore("heartbeat");
    const content = "x".repeat(201);
    const drivers = ["roads", "water"];
    const { id } = await backend.insertPost({ ward: "Press", content, drivers, emotion: "Anger" });
    await stream.untilMore("intelligence");
    const created_at = expect.any(String);
    const shown = `${"x".repeat(200)}...`;
    expect(stream.data("intelligence")).toEqual([
      {
        new_posts_count: 1,
        summary: expect.any(String),
        items: [{ id, content: shown, emotion: "Anger", drivers, city: "Press", created_at }],
      },
    ]);
  });

  it.each(["2026-01-02T03:04:05Z", "2026-01-02T08:34:05+05:30", "2026-01-02T03:04:05"])(
    "honours `since` (%s) in the first poll only, and exclusively",
    async (since) => {
      const ward = `Since ${since} exactly`;
      const at = (created_at: string) => backend.insertAlert({ ward, created_at });
      await at("2026-01-02T03:04:04");
      await at("2026-01-02T03:04:05");
      const { id } = await at("2026-01-02T03:04:05.000001");
      const query = new URLSearchParams({ ward, since }).toString();
      const stream = await (await feed(query)).untilMore("heartbeat");
      expect(alertIds(stream)).toEqual([id]);
      await at("2026-01-02T03:04:06");
      const { id: later } = await backend.insertAlert({ ward });
      await stream.untilMore("heartbeat", 2);
      expect(alertIds(stream)).toEqual([id, later]);
    },
  );

  it("writes a moment without a fraction where there is none", async () => {
    await backend.insertAlert({ ward: "Whole", created_at: "2026-01-02T03:04:05Z" });
    const stream = await (await feed("ward=whole&since=2026-01-01T00:00:00Z")).untilMore("alert");
    expect(stream.text).toContain('"created_at": "2026-01-02T03:04:05"}');
  });

  it("takes no `since` that is none, and any priority that is unknown for all", async () => {
    const { id } = await backend.insertAlert({ ward: "Odd", severity: "Low" });
    const stream = await (await feed("ward=Odd&since=yesterday&priority=odd")).untilMore(
      "heartbeat",
    );
    const { id: later } = await backend.insertAlert({ ward: "Odd", severity: "Low" });
    await stream.untilMore("alert");
    expect(alertIds(stream)).toEqual([later]);
    expect(id).toBeLessThan(later);
  });

  it.each([
    { query: "", wanted: [1, 0] },
    { query: "ward=ALL&priority=high", wanted: [0] },
  ])("filters by ward and severity, and takes no ward for all of them ($query)", async (one) => {
    const stream = await (await feed(one.query)).untilMore("heartbeat");
    const { ids } = await backend.insertRows([
      { kind: "alert", ward: "Here", severity: "Critical" },
      { kind: "alert", ward: "There", severity: "Medium" },
    ]);
    await stream.untilMore("alert", one.wanted.length);
    await stream.untilMore("heartbeat", 2);
    expect(alertIds(stream)).toEqual(one.wanted.map((index) => ids[index]));
  });

  it("never sends what was committed between the query of a poll and its end (D8)", async () => {
    await backend.setFault({ kind: "lag", endpoint: "feed", seconds: 2 });
    const stream = await feed("ward=Late");
    await backend.faultsHappened();
    const { committedMs } = await backend.insertAlert({ ward: "Late" });
    await stream.untilMore("heartbeat", 2);
    expect(stream.count("alert")).toBe(0);
    const since = new Date(committedMs - 1000).toISOString();
    const again = await (await feed(`ward=Late&since=${since}`)).untilMore("heartbeat");
    expect(again.count("alert")).toBe(1);
  });

  it("says errors after polls that fail and goes on, and ends after one that is fatal", async () => {
    const stream = await (await feed("ward=Quiet")).untilMore("heartbeat");
    await backend.setFault({ kind: "fail", endpoint: "feed" });
    await stream.untilMore("error");
    const failure = stream.payloads.find(({ type }) => type === "error");
    expect(Object.keys(failure ?? {})).toEqual(["type", "error", "timestamp"]);
    await stream.untilMore("heartbeat");
    await backend.setFault({ kind: "fatal", endpoint: "feed" });
    await stream.end();
    expect(stream.payloads.at(-1)).toEqual({ type: "fatal_error", error: expect.any(String) });
    expect(stream.error).toBeUndefined();
  });

  it("is as blind as that of today on demand: it only greets and beats", async () => {
    await backend.setFault({ kind: "blind", endpoint: "feed", times: "always" });
    const stream = await (await feed("ward=Blind")).untilMore("heartbeat");
    await backend.insertAlert({ ward: "Blind" });
    await stream.untilMore("heartbeat", 2);
    expect(stream.count("alert")).toBe(0);
  });
});
