// The small parts of a server with workers: shares, health as a whole, questions, and what is gathered.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resolveSettings } from "../../../src/cli/config/resolve-settings.js";
import { SERVE_SETTINGS, type ServeConfig } from "../../../src/cli/config/serve-settings.js";
import type { Exchange } from "../../../src/cli/workers/control.js";
import {
  crewLiveness,
  crewReadiness,
  type WatchedWorker,
} from "../../../src/cli/workers/crew-health.js";
import { type Answerer, Asking } from "../../../src/cli/workers/questions.js";
import { shareOfWorker } from "../../../src/cli/workers/shares.js";
import { createWorkerPeers } from "../../../src/cli/workers/worker-peers.js";
import type { LimitUse } from "../../../src/hub/peers.js";

const MIB = 1024 ** 2;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the share of a worker", () => {
  function share(flags: Readonly<Record<string, string>>): ServeConfig {
    return shareOfWorker(resolveSettings(SERVE_SETTINGS, { environment: {}, flags }));
  }

  it("is its part of what may wait for all readers, and everything else as it was", () => {
    const { maxQueuedBytes, ...others } = share({ workers: "4", "max-connections": "50" });
    expect(maxQueuedBytes).toBe(64 * MIB);
    expect(others).toMatchObject({ maxConnections: 50, workers: 4 });
    expect(share({ workers: "2", "max-queued-bytes": "1000001" }).maxQueuedBytes).toBe(500_001);
  });

  it("is never less than what one reader may have", () => {
    const high = { workers: "8", "max-queued-bytes": "2000", "high-water-bytes": "1000" };
    expect(share(high).maxQueuedBytes).toBe(1000);
  });

  it("leaves a contradiction for the hub to refuse", () => {
    const contrary = { workers: "2", "max-queued-bytes": "10", "high-water-bytes": "1000" };
    expect(share(contrary).maxQueuedBytes).toBe(10);
  });
});

describe("a server with workers", () => {
  const OK = { ok: true } as const;
  const well = { ok: true, parts: { append: OK, tail: OK, serving: OK } };
  const deaf = {
    ok: false,
    parts: { ...well.parts, tail: { ok: false, reason: "deaf" } as const },
  };
  const ready: WatchedWorker = { isReady: true, isHeard: true, readiness: well };
  const ill: WatchedWorker = { isReady: false, isHeard: true, readiness: deaf };
  const stuck: WatchedWorker = { isReady: false, isHeard: false, readiness: well };
  const alive = { ok: true, eventLoopDelayMs: 3 };

  it("is ready if one of them is, and else says why not", () => {
    expect(crewReadiness([ill, ready])).toEqual(well);
    expect(crewReadiness([stuck, ill])).toEqual(deaf);
    expect(crewReadiness([stuck])).toMatchObject({ ok: false });
    expect(crewReadiness([])).toMatchObject({
      parts: { append: { reason: "no worker is there" } },
    });
  });

  it("is alive if it is itself and hears one of them", () => {
    expect(crewLiveness(alive, [stuck, ill])).toEqual(alive);
    expect(crewLiveness(alive, [stuck])).toEqual({ ok: false, eventLoopDelayMs: 3 });
    expect(crewLiveness({ ok: false, eventLoopDelayMs: 9000 }, [ready]).ok).toBe(false);
  });
});

describe("a question to another process", () => {
  /** Two ends that hear each other. */
  function pair(answerer: Answerer) {
    const ends: Asking[] = [];
    const to = (index: number) => (message: Exchange) => ends[index]?.take(message);
    ends.push(new Asking(to(1), {}), new Asking(to(0), answerer));
    return ends[0] ?? new Asking(() => {}, {});
  }

  it("is answered once, each with its own answer", async () => {
    const asking = pair({
      metrics: () => "numbers",
      lease: ({ hubId }) => ({ kind: hubId === "a" ? "unknown-connection" : "unknown-hub" }),
    });
    const lease = (hubId: string) => asking.ask("lease", { hubId, renewal: { connection: "c" } });
    expect(await Promise.all([lease("a"), asking.ask("metrics", null), lease("b")])).toEqual([
      { kind: "unknown-connection" },
      "numbers",
      { kind: "unknown-hub" },
    ]);
  });

  it("is given up after two seconds, and a late answer is nobody's", async () => {
    let answer = (_text: string) => {};
    const asking = pair({ metrics: () => new Promise<string>((resolve) => (answer = resolve)) });
    const asked = asking.ask("metrics", null);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await asked).toBeUndefined();
    answer("late");
    await vi.advanceTimersByTimeAsync(0);
  });

  it("is given up at once when the other process has ended", async () => {
    const asking = new Asking(() => {}, {});
    const asked = asking.ask("metrics", null);
    asking.giveUp();
    expect(await asked).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("what a worker lets in", () => {
  it("is told to the others together, without what has come and gone", async () => {
    const told: (readonly LimitUse[])[] = [];
    const peers = createWorkerPeers(new Asking(() => {}, {}), (uses) => told.push(uses));
    for (const count of [1, 1, -1]) peers.count({ what: "places", key: "all", count });
    for (const count of [1, -1]) peers.count({ what: "places", key: "address a", count });
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(10);
    expect(told).toEqual([[{ what: "places", key: "all", count: 1 }]]);
    peers.count({ what: "places", key: "all", count: -1 });
    await vi.advanceTimersByTimeAsync(10);
    expect(told[1]).toEqual([{ what: "places", key: "all", count: -1 }]);
  });

  it("is told four times a second where it is a rate, which would else be told with every publish", async () => {
    const told: (readonly LimitUse[])[] = [];
    const peers = createWorkerPeers(new Asking(() => {}, {}), (uses) => told.push(uses));
    for (const count of [1, 7]) peers.count({ what: "publications", key: "a", count });
    await vi.advanceTimersByTimeAsync(200);
    peers.count({ what: "subscriptions", key: "a", count: 1 });
    await vi.advanceTimersByTimeAsync(50);
    expect(told).toEqual([
      [
        { what: "publications", key: "a", count: 8 },
        { what: "subscriptions", key: "a", count: 1 },
      ],
    ]);
  });

  it("is no message where nothing is left of it", async () => {
    const tell = vi.fn();
    const peers = createWorkerPeers(new Asking(() => {}, {}), tell);
    for (const count of [1, -1]) peers.count({ what: "places", key: "all", count });
    await vi.advanceTimersByTimeAsync(10);
    expect(tell).not.toHaveBeenCalled();
  });
});
