// The re-created classes against the contract itself: what is proven about the drop-in with them is
// worth as much as they are like the originals.

import { describe, expect, test, vi } from "vitest";
import { EnhancedSSEClient } from "./clients/index.js";
import { FakeEventSource } from "./fake-event-source.js";
import { collect, enterVirtualWorld, laterAttempts, startMs } from "./virtual-world.js";

enterVirtualWorld();

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
    // So does Chromium's own source while connections are refused.
    const losing = setInterval(() => FakeEventSource.last.lose(), 3000);
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
