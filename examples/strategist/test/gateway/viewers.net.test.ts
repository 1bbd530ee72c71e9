// What the backend has to bear: few threads, many viewers, connections that it has not noticed to be gone. And
// what the viewers see of it: one stream.

import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { eventually, feedOf, GatewayLane, rowIn, type StageOptions } from "./stage.js";

const WARD = "Lotus Tank";
const feed = feedOf(WARD);

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined).each(["enhanced", "first"] as const)(
  "a backend with the %s feed and few threads",
  (generation) => {
    let backend: Backend;
    let lane: GatewayLane;
    /** The most feeds that the backend served at a time. */
    let mostOpen: number;
    let isWatching = false;
    let watching: Promise<void>;

    beforeAll(async () => {
      const pace = { pollS: 1, roundS: 1, errorPauseS: 0.5, gracefulS: 1 };
      backend = await startBackend({ generation, workers: 1, threads: 4, ...pace });
    });
    afterAll(() => backend?.close());
    afterEach(async () => {
      isWatching = false;
      await watching;
      await lane.stop();
      await backend.clearFaults();
    });

    async function begin(options: StageOptions): Promise<void> {
      await backend.countsWhen(({ open }) => (open.feed ?? 0) === 0);
      lane = await GatewayLane.start(backend, { generation, ...options });
      mostOpen = 0;
      isWatching = true;
      watching = (async () => {
        while (isWatching) {
          mostOpen = Math.max(mostOpen, (await backend.counts()).open.feed ?? 0);
          await wait(50);
        }
      })();
    }

    it("sees one connection for each who reads, not one for each of two hundred viewers", async () => {
      await begin({ maxUpstreams: 2 });
      const cookies = [await backend.logIn("strategist"), await backend.logIn("observer")];
      const statusBefore = (await backend.counts()).requests.status ?? 0;
      const viewers = await Promise.all(
        Array.from({ length: 200 }, (_, number) => lane.follow(feed, cookies[number % 2])),
      );
      await eventually(() => {
        for (const { payloads } of viewers) expect(payloads.length).toBeGreaterThan(0);
      });
      const row = `alert ${(await backend.insertAlert(rowIn(WARD))).id}`;
      for (const viewer of viewers) await viewer.sees(row);
      expect(viewers.flatMap(({ repeated }) => repeated)).toEqual([]);
      expect(mostOpen).toBe(2);
      const { requests } = await backend.counts();
      expect((requests.status ?? 0) - statusBefore).toBeLessThanOrEqual(12);
      // And it still has time for others.
      expect((await fetch(`${backend.url}/api/v1/status`)).status).toBe(200);
    });

    it("never has more of them than it may, also while it has not noticed who is gone", async () => {
      // Both generations write once a second here, and notice with their second write.
      const upstream = { lingerMs: 0, releaseMs: 3000 };
      await begin({ isDirect: true, maxUpstreams: 2, upstream });
      const cookie = await backend.logIn();
      for (const ward of ["Ward A", "Ward B", "Ward C", "Ward D"]) {
        const reader = await lane.follow(feedOf(ward), cookie);
        await eventually(() => expect(reader.payloads.length).toBeGreaterThan(0));
        lane.leaveAll();
      }
      expect(mostOpen).toBeLessThanOrEqual(2);
      expect(mostOpen).toBeGreaterThan(0);
      expect(lane.gateway.stats().threads.waiting).toBe(0);
    });

    it("is one stream to its readers, with heartbeats, however it ends and fails", async () => {
      await begin({ maxUpstreams: 2, upstream: { maxRetryMs: 1000 } });
      const cookie = await backend.logIn();
      const reader = await lane.follow(feed, cookie);
      const native = await lane.followNatively(feed, cookie);
      await eventually(() => expect(native.payloads.length).toBeGreaterThan(0));
      const asked = lane.asked;
      const rows: string[] = [];
      for (let round = 0; round < 7; round += 1) {
        rows.push(`alert ${(await backend.insertAlert(rowIn(WARD))).id}`);
        if (round === 3) await backend.setFault({ kind: "fail", endpoint: "feed" });
        await wait(500);
      }
      for (const each of [reader, native]) await each.sees(...rows);
      // By design: some ten items, and then another response.
      if (generation === "enhanced")
        await eventually(() => expect(lane.asked - asked).toBeGreaterThan(1));
      else expect(lane.asked).toBe(asked);
      for (const each of [reader, native]) {
        const types = each.payloads.map(({ type }) => type);
        expect(types.filter((type) => type === "connection")).toHaveLength(1);
        expect(types).not.toContain("complete");
        expect(types).toContain("error");
        if (generation === "first") expect(types).toContain("heartbeat");
        expect(each.repeated).toEqual([]);
      }
      expect(native.connections).toBe(1);
      expect(reader.source.connection.statistics.incidents).toBe(0);
      // The backend has said 5000 with its failure.
      expect(Math.max(0, ...native.retries)).toBeLessThan(5000);
      await eventually(() => expect(native.heartbeats).toBeGreaterThan(0), 30_000);
    });
  },
);
