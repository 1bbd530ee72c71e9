// The re-created classes against the contract itself, in virtual time: whatever is proven about the
// drop-in with them is worth as much as they are like the originals.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  BasicSSEClient,
  CampaignSSEClient,
  EnhancedSSEClient,
  OptimizedSSEManager,
  openIntelligenceFeed,
  TimelineSSEManager,
} from "./clients/index.js";
import { FakeEventSource } from "./fake-event-source.js";

const startMs = Date.parse("2026-01-01T00:00:00Z");

beforeEach(() => {
  vi.useFakeTimers({ now: startMs });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  vi.stubGlobal("EventSource", FakeEventSource);
  FakeEventSource.reset();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Seconds since the beginning at which sources were made, the first one left out. */
const laterAttempts = () =>
  FakeEventSource.made.slice(1).map(({ madeAtMs }) => Math.round((madeAtMs - startMs) / 1000));

/** Collects the payloads of an event with the second of the virtual clock. */
function collect(
  client: { on(name: string, listener: (payload: unknown) => void): unknown },
  name: string,
) {
  const collected: { readonly second: number; readonly payload: unknown }[] = [];
  client.on(name, (payload) =>
    collected.push({ second: Math.round((Date.now() - startMs) / 1000), payload }),
  );
  return collected;
}

/** The source fails every three seconds as Chromium's does while TCP connections are refused. */
function loseEveryThreeSeconds() {
  return setInterval(() => FakeEventSource.last.lose(), 3000);
}

describe("C1 EnhancedSSEClient", () => {
  test("asks for the feed with since always, and depth and context in mode stream only", () => {
    const client = new EnhancedSSEClient();
    client.connect("Jubilee Hills");
    expect(FakeEventSource.last.url).toBe(
      "/api/v1/strategist/feed?ward=Jubilee+Hills&priority=all&since=&depth=standard&context=neutral",
    );
    client.connect("Jubilee Hills", { mode: "feed", priority: "high" });
    expect(FakeEventSource.last.url).toBe(
      "/api/v1/strategist/feed?ward=Jubilee+Hills&priority=high&since=",
    );
    expect(FakeEventSource.last.withCredentials).toBe(true);
    expect(() => client.connect("Jubilee Hills", { mode: "other" })).toThrow("mode");
  });

  test("lets an explicit undefined override a default", () => {
    expect(new EnhancedSSEClient({ maxRetries: undefined }).options).toMatchObject({
      baseUrl: "/api/v1/strategist",
      maxRetries: undefined,
      retryBaseDelay: 1000,
      maxRetryDelay: 30_000,
      heartbeatInterval: 30_000,
      connectionTimeout: 10_000,
    });
  });

  test("tries at about 1, 3, 7 and 16 s against HTTP errors, and gives up from 13 s on (D22)", () => {
    const client = new EnhancedSSEClient();
    const disconnects = collect(client, "disconnect");
    client.connect("Jubilee Hills");
    FakeEventSource.last.open();
    FakeEventSource.fate = "is refused";
    FakeEventSource.last.lose();
    vi.advanceTimersByTime(120_000);
    expect(laterAttempts()).toEqual([1, 3, 7, 16]);
    const given = disconnects.filter(({ payload }) =>
      JSON.stringify(payload).includes("max_retries_exceeded"),
    );
    expect(given.map(({ second }) => second)).toEqual([13, 16, 17, 26]);
    expect(given[0]?.payload).toEqual({
      reason: "max_retries_exceeded",
      totalRetries: 5,
      finalError: "Connection timeout",
      totalDowntime: expect.any(Number),
      suggestion: expect.any(String),
    });
  });

  test("announces the end every 3 s while connections are refused, and still recovers (D22)", () => {
    const client = new EnhancedSSEClient();
    const disconnects = collect(client, "disconnect");
    const connects = collect(client, "connect");
    client.connect("Jubilee Hills");
    FakeEventSource.last.open();
    FakeEventSource.last.lose();
    const losing = loseEveryThreeSeconds();
    vi.advanceTimersByTime(60_000);
    clearInterval(losing);
    expect(disconnects.slice(-3).map(({ second }) => second)).toEqual([54, 57, 60]);
    FakeEventSource.last.open();
    expect(connects).toHaveLength(2);
    expect(connects[1]?.payload).toMatchObject({
      timestamp: expect.any(Date),
      metrics: { reconnections: 1 },
    });
  });

  test("comes back to life 11 s after a disconnect that came before the open (D21)", () => {
    const client = new EnhancedSSEClient();
    client.connect("Jubilee Hills");
    client.disconnect();
    vi.advanceTimersByTime(60_000);
    expect(laterAttempts()[0]).toBe(11);
  });

  test("describes an error by its retry budget and kind", () => {
    const client = new EnhancedSSEClient();
    const errors = collect(client, "error");
    client.connect("Jubilee Hills");
    vi.advanceTimersByTime(10_000);
    expect(errors[0]?.payload).toEqual({
      error: "Connection timeout",
      timestamp: startMs + 10_000,
      retryCount: 0,
      willRetry: true,
      connectionAttempts: 1,
      totalDowntime: 0,
      errorType: "timeout",
    });
  });

  test("drops unnamed messages, and drops listeners for what it emits of them (D18)", () => {
    const client = new EnhancedSSEClient();
    const seen = ["status", "server_error", "intelligence", "alert", "progress", "heartbeat"].map(
      (name) => collect(client, name),
    );
    client.connect("Jubilee Hills");
    FakeEventSource.last.open();
    for (const type of [
      "status",
      "error",
      "intelligence",
      "alert",
      "analysis-progress",
      "heartbeat",
    ]) {
      FakeEventSource.last.send({ type });
    }
    expect(seen.flat()).toEqual([]);
    expect(client.getMetrics()).toMatchObject({ messagesReceived: 6 });
  });

  test("hands on named events, enriched, except for confidence, which fails inside", () => {
    vi.spyOn(console, "error").mockReturnValue();
    const client = new EnhancedSSEClient();
    const [analysis, confidence, progress, intelligence, alert] = [
      "analysis",
      "confidence",
      "progress",
      "intelligence",
      "alert",
    ].map((name) => collect(client, name));
    client.connect("Jubilee Hills");
    const source = FakeEventSource.last;
    source.sendNamed("multimodel-analysis", { confidence: 0.9, timestamp: startMs });
    source.sendNamed("confidence-update", { score: 0.9 });
    source.sendNamed("analysis-progress", { stage: "data_collection", progress: 0.5, eta: 99 });
    source.sendNamed("intelligence-brief", { priority: "critical" });
    source.sendNamed("priority-alert", { severity: "critical" });
    const receivedAt = startMs;
    expect(analysis?.[0]?.payload).toMatchObject({
      receivedAt,
      latency: 0,
      analysisQuality: "high",
    });
    expect(confidence).toEqual([]);
    expect(progress?.[0]?.payload).toMatchObject({
      receivedAt,
      eta: 15,
      stageDescription: expect.any(String),
    });
    expect(intelligence?.[0]?.payload).toMatchObject({ priority: "medium", actionableItems: [] });
    expect(alert?.[0]?.payload).toMatchObject({ urgency: "critical", recommendedActions: [] });
  });

  test("never notices silence, until a named heartbeat has come once (D19)", () => {
    const client = new EnhancedSSEClient();
    const errors = collect(client, "error");
    client.connect("Jubilee Hills");
    FakeEventSource.last.open();
    vi.advanceTimersByTime(3_600_000);
    expect(errors).toEqual([]);
    FakeEventSource.last.sendNamed("heartbeat", { timestamp: Date.now() });
    vi.advanceTimersByTime(90_000);
    expect(errors).toMatchObject([{ payload: { errorType: "timeout" } }]);
  });

  test("reports metrics, status and health in the shapes that the panels read", () => {
    const client = new EnhancedSSEClient();
    client.connect("Jubilee Hills");
    FakeEventSource.last.open();
    vi.advanceTimersByTime(1000);
    const metrics = {
      connectionAttempts: 1,
      messagesReceived: 0,
      reconnections: 0,
      totalDowntime: 0,
      lastConnectionTime: startMs,
      averageLatency: 0,
      isConnected: true,
      retryCount: 0,
      uptime: 1000,
    };
    expect(client.getMetrics()).toEqual(metrics);
    expect(client.getStatus()).toEqual({
      connected: true,
      retrying: false,
      failed: false,
      lastHeartbeat: null,
      metrics,
    });
    expect(client.assessConnectionHealth()).toMatchObject({
      status: "good",
      factors: { heartbeatHealth: 0.5, uptimeRatio: 1, connectionStability: 1 },
      metrics: {
        timeSinceLastHeartbeat: null,
        totalReconnections: 0,
        totalDowntime: 0,
        uptime: 1000,
      },
    });
  });
});

describe("C3 SSEClient", () => {
  test("tries at 3, 6, 12, 24, 48 and 96 s against HTTP errors, and is dead then (D22, D23)", () => {
    const client = new BasicSSEClient({ url: "/stream" });
    const failed = collect(client, "reconnect-failed");
    client.connect();
    FakeEventSource.last.open();
    FakeEventSource.last.lose();
    FakeEventSource.fate = "is refused";
    // The first of the six is the source's own, three seconds after the loss.
    setTimeout(() => FakeEventSource.last.refuse(), 3000);
    vi.advanceTimersByTime(600_000);
    expect(laterAttempts()).toEqual([6, 12, 24, 48, 96]);
    expect(failed).toEqual([{ second: 96, payload: { attempts: 5 } }]);
  });

  test("reports a missing heartbeat every 15 s from 45 s on, on a healthy stream (D19)", () => {
    const client = new BasicSSEClient({ url: "/stream" });
    const timeouts = collect(client, "heartbeat-timeout");
    client.connect();
    FakeEventSource.last.open();
    const beating = setInterval(() => FakeEventSource.last.send({ type: "heartbeat" }), 1000);
    vi.advanceTimersByTime(75_000);
    clearInterval(beating);
    expect(timeouts).toEqual([
      { second: 45, payload: { timeSinceLastHeartbeat: 45_000 } },
      { second: 60, payload: { timeSinceLastHeartbeat: 60_000 } },
      { second: 75, payload: { timeSinceLastHeartbeat: 75_000 } },
    ]);
    expect(FakeEventSource.made).toHaveLength(1);
  });

  test("reports its status, ignores a second connect, and refuses one without a URL", () => {
    const client = new BasicSSEClient();
    expect(() => client.connect()).toThrow("URL");
    client.connect("/stream");
    client.connect("/stream");
    expect(FakeEventSource.made).toHaveLength(1);
    FakeEventSource.last.open();
    expect(client.getStatus()).toEqual({
      isConnected: true,
      isConnecting: false,
      reconnectAttempts: 0,
      lastHeartbeat: startMs,
      readyState: 1,
      url: "/stream",
    });
  });
});

describe("C4 SSEClient (lib)", () => {
  test("counts errors over the whole session, and opens its circuit at the fifth (D25)", () => {
    const client = new CampaignSSEClient({ url: "/stream" });
    const opened = collect(client, "circuit_breaker_opened");
    client.connect();
    for (let loss = 1; loss <= 5; loss++) {
      expect(opened).toEqual([]);
      FakeEventSource.last.open();
      FakeEventSource.last.lose();
    }
    expect(opened).toHaveLength(1);
    expect(client.getStatus()).toMatchObject({
      fallbackMode: true,
      circuitBreaker: { state: "open", failureCount: 5, nextRetry: startMs + 60_000 },
    });
  });

  test("schedules nothing once its circuit is open, but polls the stream's URL (D22, D25)", () => {
    const fetch = vi.fn().mockRejectedValue(new Error("no stream ends"));
    vi.stubGlobal("fetch", fetch);
    const client = new CampaignSSEClient({ url: "/api/v1/strategist/feed?ward=All" });
    FakeEventSource.fate = "is refused";
    client.connect();
    vi.advanceTimersByTime(600_000);
    expect(FakeEventSource.made).toHaveLength(5);
    const [url] = fetch.mock.calls[0] ?? [];
    expect(url).toBe("/api/v1/strategist/feed?ward=All");
    expect(fetch.mock.calls.length).toBeGreaterThan(15);
  });

  test("goes on polling after its stream has recovered (D25)", () => {
    const fetch = vi.fn().mockRejectedValue(new Error("no stream ends"));
    vi.stubGlobal("fetch", fetch);
    const client = new CampaignSSEClient({ url: "/stream/All" });
    client.connect();
    for (let loss = 1; loss <= 5; loss++) FakeEventSource.last.lose();
    FakeEventSource.last.open();
    vi.advanceTimersByTime(95_000);
    expect(fetch.mock.calls.map(([url]) => url)).toEqual(["/poll/All", "/poll/All", "/poll/All"]);
    client.cleanup();
    vi.advanceTimersByTime(95_000);
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  test("lets a campaign try twenty times", () => {
    const client = new CampaignSSEClient({ url: "/stream" });
    const enabled = collect(client, "campaign_mode_enabled");
    client.enableCampaignMode("s1");
    expect(enabled).toMatchObject([{ payload: { sessionId: "s1" } }]);
    expect(client.getHealthReport()).toMatchObject({
      timestamp: startMs,
      sessionId: "s1",
      connection: { status: "disconnected", quality: "disconnected", uptime: 0, totalDowntime: 0 },
      performance: { messagesReceived: 0, reconnections: 0 },
      circuitBreaker: { state: "closed" },
      fallback: { mode: false, enabled: true, interval: 30_000 },
      campaign: { mode: true, maxReconnectAttempts: 20 },
    });
  });
});

describe("H4 TimelineSSEManager", () => {
  test("asks for the timeline with all its parameters", () => {
    void new TimelineSSEManager().connect("Jubilee Hills", { eventTypes: ["alert", "news"] });
    expect(FakeEventSource.last.url).toBe(
      "http://localhost:5000/api/v1/strategist/stream?ward=Jubilee+Hills&stream_type=timeline" +
        "&include_historical=true&buffer_size=50&event_types=alert%2Cnews",
    );
  });

  test("never connects again after a disconnect that came before the open (D29)", async () => {
    const manager = new TimelineSSEManager();
    void manager.connect("Jubilee Hills");
    manager.disconnect();
    await manager.connect("Jubilee Hills");
    expect(FakeEventSource.made).toHaveLength(1);
  });

  test("opens a second source beside the one that is reconnecting (D29)", async () => {
    const manager = new TimelineSSEManager();
    const states = collect(manager, "connection");
    const connected = manager.connect("Jubilee Hills");
    FakeEventSource.last.open();
    await connected;
    FakeEventSource.last.lose();
    vi.advanceTimersByTime(1000);
    expect(FakeEventSource.made.map(({ readyState }) => readyState)).toEqual([0, 0]);
    expect(states.map(({ payload }) => payload)).toMatchObject([
      { state: "connected" },
      { state: "error" },
      { state: "reconnecting", attempt: 1 },
    ]);
    expect(manager.getState()).toEqual({
      connectionState: "reconnecting",
      retryCount: 1,
      lastEventTime: null,
      isConnected: false,
    });
  });

  test("reports a stream with data as stale, and does nothing about it (D19)", async () => {
    const manager = new TimelineSSEManager();
    const states = collect(manager, "connection");
    const connected = manager.connect("Jubilee Hills");
    FakeEventSource.last.open();
    await connected;
    const beating = setInterval(() => FakeEventSource.last.send({ type: "alert" }), 1000);
    vi.advanceTimersByTime(90_000);
    clearInterval(beating);
    expect(states.at(-1)).toMatchObject({ second: 90, payload: { state: "stale" } });
    expect(FakeEventSource.made).toHaveLength(1);
  });
});

describe("H5 useIntelligenceFeed", () => {
  test("tries again every five seconds for ever, whatever the answer is (D30)", () => {
    FakeEventSource.fate = "is refused";
    openIntelligenceFeed({ ward: "Jubilee Hills" });
    vi.advanceTimersByTime(60_500);
    expect(laterAttempts()).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
  });

  test("keeps the newest fifty items, alerts marked as such", () => {
    const feed = openIntelligenceFeed({ ward: "Jubilee Hills" });
    FakeEventSource.last.open();
    for (let id = 1; id <= 60; id++)
      FakeEventSource.last.send({ type: "intelligence", data: { id } });
    FakeEventSource.last.send({ type: "alert", data: { id: 61 } });
    expect(feed.getState()).toMatchObject({ isConnected: true, error: null });
    const { intelligence } = feed.getState();
    expect(intelligence).toHaveLength(50);
    expect(intelligence).toMatchObject({
      0: { type: "alert", id: 61, isAlert: true },
      1: { id: 60 },
      49: { id: 12 },
    });
  });
});

describe("H6 OptimizedSSEManager", () => {
  test("retries five times, only when the source is closed", () => {
    const manager = new OptimizedSSEManager();
    manager.connect("/stream");
    FakeEventSource.last.open();
    FakeEventSource.last.lose();
    vi.advanceTimersByTime(60_000);
    expect(FakeEventSource.made).toHaveLength(1);
    FakeEventSource.fate = "is refused";
    FakeEventSource.last.refuse();
    vi.advanceTimersByTime(120_000);
    expect(laterAttempts()).toEqual([61, 63, 67, 75, 91]);
  });

  test("holds three connections at most, and one for each URL", () => {
    const manager = new OptimizedSSEManager();
    for (const url of ["/a", "/a", "/b", "/c", "/d"]) manager.connect(url);
    expect(manager.getConnectionStats()).toMatchObject({ activeConnections: 3, maxConnections: 3 });
    expect(FakeEventSource.made.map(({ url, readyState }) => `${url} ${readyState}`)).toEqual([
      "/a 2",
      "/b 0",
      "/c 0",
      "/d 0",
    ]);
  });
});
