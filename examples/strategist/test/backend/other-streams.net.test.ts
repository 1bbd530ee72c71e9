// The analysis, the smaller streams, and what does not stream (3.3 to 3.8 of the contract).

import { createHash, randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { OpenStream } from "./open-stream.js";

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("the backend, beside its feed", () => {
  let backend: Backend;
  let cookie: string;
  const streams: OpenStream[] = [];

  beforeAll(async () => {
    backend = await startBackend({ analysisStepS: 0.05, heartbeatS: 0.1, chunkPauseS: 0.02 });
    cookie = await backend.logIn();
  });
  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.close();
    await backend.clearFaults();
    // A closed stream keeps its thread until its next writes fail, and may meet faults until then.
    await backend.countsWhen(({ open }) => Object.keys(open).length === 0);
  });
  afterAll(() => backend?.close());

  async function open(path: string, as = cookie): Promise<OpenStream> {
    const stream = await OpenStream.open(`${backend.url}/api/v1/${path}`, as);
    streams.push(stream);
    return stream;
  }
  function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { cookie, connection: "close", ...init.headers };
    return fetch(`${backend.url}/api/v1/${path}`, { redirect: "manual", ...init, headers });
  }

  it("analyses in seven steps, tells its confidence from the third on, and then beats for ever", async () => {
    const before = await backend.counts();
    const stream = await open("multimodel/strategist/stream/Lotus%20Tank?depth=quick&context=odd");
    await stream.untilMore("heartbeat", 2);
    const step = ["analysis-progress"];
    const sureStep = ["analysis-progress", "confidence-update"];
    const steps = [...step, ...step, ...Array.from({ length: 5 }, () => sureStep).flat()];
    const end = ["analysis-complete", "heartbeat", "heartbeat"];
    expect(stream.types.slice(0, 17)).toEqual(["connection", "analysis-start", ...steps, ...end]);
    expect(stream.payloads[0]).toEqual({
      type: "connection",
      status: "connected",
      ward: "Lotus Tank",
      depth: "quick",
      context: "neutral",
      timestamp: expect.stringMatching(/\+00:00$/),
    });
    expect(stream.text).toContain('"stage": "report_generation", "progress": 1.0, ');
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      "x-ward": "Lotus%20Tank",
      "x-analysis-depth": "quick",
      "x-stream-type": "strategist-analysis",
      "access-control-allow-origin": "*",
    });
    const after = await backend.counts();
    expect(after.analysesStarted - before.analysesStarted).toBe(1);
  });

  it("leaves out of an analysis what is not wanted", async () => {
    const query = "include_progress=false&include_confidence=false";
    const stream = await open(`multimodel/strategist/stream/a?${query}`);
    await stream.untilMore("heartbeat");
    const types = stream.types.slice(0, 4);
    expect(types).toEqual(["connection", "analysis-start", "analysis-complete", "heartbeat"]);
  });

  it("says that an analysis failed and beats on, or that the stream failed, and ends", async () => {
    await backend.setFault({ kind: "fail", endpoint: "analysis" });
    const failed = await (await open("multimodel/strategist/stream/a")).untilMore("heartbeat");
    expect(failed.types.slice(-2)).toEqual(["analysis-error", "heartbeat"]);
    await backend.setFault({ kind: "fatal", endpoint: "analysis" });
    const ended = await (await open("multimodel/strategist/stream/a")).end();
    expect(ended.types.at(-1)).toBe("stream-error");
    expect((await ask("multimodel/strategist/stream/%20")).status).toBe(400);
  });

  it("answers in a conversation fifty words at a time", async () => {
    expect((await ask("strategist/conversation/stream")).status).toBe(400);
    const stream = await (await open("strategist/conversation/stream?sessionId=1&ward=Desk")).end();
    const chunks = stream.payloads.filter(({ type }) => type === "content_chunk");
    expect(stream.types[0]).toBe("analysis_start");
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.slice(0, -1).map(({ content }) => String(content).split(" ").length)).toEqual(
      chunks.slice(0, -1).map(() => 50),
    );
    expect(chunks.at(-1)).toMatchObject({ progress: 100 });
    const last = stream.payloads.at(-1);
    expect(last).toMatchObject({
      type: "analysis_complete",
      content: chunks.at(-1)?.["accumulated_content"],
    });
    expect(Object.keys(last ?? {})).toEqual([
      "type",
      "content",
      "context",
      "confidence",
      "sources",
      "actions",
      "actionable",
    ]);
  });

  it("lets agents work for everybody, whose events have a status", async () => {
    const stream = await (await open("agents/stream/analysis/Desk", "")).end();
    const statuses = stream.payloads.map(({ status }) => status);
    expect([statuses[0], statuses[1], statuses.at(-1)]).toEqual([
      "starting",
      "analyzing",
      "completed",
    ]);
  });

  it("tears the error of the agents apart, as the application of today does", async () => {
    await backend.setFault({ kind: "fail", endpoint: "agents" });
    const response = await fetch(`${backend.url}/api/v1/agents/stream/analysis/Desk`);
    const text = await response.text();
    expect(text).toMatch(
      /\n\ndata: \{"status": "error", "error": "[^"\n]+\n\n[^\n]+\n[^\n]+"\}\n\n$/,
    );
  });

  it("closes the compatibility feed after three items", async () => {
    expect((await ask("strategist-compat/feed?ward=%20")).status).toBe(400);
    const stream = await (await open("strategist-compat/feed?ward=Desk&priority=high")).end();
    const items = ["intelligence", "intelligence", "intelligence"];
    expect(stream.types).toEqual(["connection", ...items, "close"]);
    expect(stream.data("intelligence")[0]).toMatchObject({ id: "fallback_1", priority: "high" });
  });

  it("reports on a ward, also on one called `stream`, with a tag that changes with the news", async () => {
    const report = await ask("strategist/Tagged?depth=deep");
    expect(await report.json()).toMatchObject({
      ward: "Tagged",
      depth: "deep",
      context: "neutral",
    });
    const tag = report.headers.get("etag") ?? "";
    const headers = { "if-none-match": tag };
    expect((await ask("strategist/ward/Tagged?depth=deep", { headers })).status).toBe(304);
    await backend.insertAlert({ ward: "Tagged" });
    expect((await ask("strategist/Tagged?depth=deep", { headers })).status).toBe(200);
    const stream = await ask("strategist/stream?ward=a");
    expect([stream.status, stream.headers.get("content-type")]).toEqual([200, "application/json"]);
  });

  it("lists alerts, newest first", async () => {
    const { id } = await backend.insertAlert({ ward: "Listed", title: "one" });
    await backend.insertAlert({ ward: "Listed", title: "two" });
    const answer = (await (await ask("alerts/listed")).json()) as { alerts: object[] };
    expect(answer.alerts).toMatchObject([{ title: "two" }, { id, title: "one" }]);
  });

  it("takes a large body and answers its size and its digest", async () => {
    const body = randomBytes(5_000_000);
    const response = await ask("uploads", { method: "POST", body });
    const sha256 = createHash("sha256").update(body).digest("hex");
    expect([response.status, await response.json()]).toEqual([201, { size: 5_000_000, sha256 }]);
  });

  it("notes requests as they came, with their headers", async () => {
    await ask("alerts/a%20b?x=%2F1", { headers: { "last-event-id": "7" } });
    const seen = (await backend.requests("alerts")).at(-1);
    expect(seen).toMatchObject({ method: "GET", target: "/api/v1/alerts/a%20b?x=%2F1" });
    expect(seen?.headers).toMatchObject({ "Last-Event-Id": "7", Cookie: cookie });
  });
});
