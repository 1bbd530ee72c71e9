// The re-created classes against the contract itself: what is proven about the drop-in with them is
// worth as much as they are like the originals.

import { describe, expect, test, vi } from "vitest";
import {
  BasicSSEClient,
  CampaignSSEClient,
  OptimizedSSEManager,
  openIntelligenceFeed,
  TimelineSSEManager,
} from "./clients/index.js";
import { FakeEventSource } from "./fake-event-source.js";
import { collect, enterVirtualWorld, laterAttempts, startMs } from "./virtual-world.js";

enterVirtualWorld();

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
