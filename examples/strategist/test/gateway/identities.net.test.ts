// Two people with sessions of the real backend, and what somebody may try who wants more than their own.

import { once } from "node:events";
import { request } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { eventually, FEED, feedOf, GatewayLane, rowIn } from "./stage.js";

const WARD = "Lotus Tank";
const feed = feedOf(WARD);
const UPSTREAM = { silenceMs: 3000, answerMs: 1000, releaseMs: 1500, lingerMs: 300 };
/** As every minute is to the preset. */
const CHECK = { everyMs: 1000 };

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined).each(["enhanced", "first"] as const)(
  "people who read the %s feed",
  (generation) => {
    let backend: Backend;
    let lane: GatewayLane;
    let strategist: string;
    let observer: string;

    beforeAll(async () => {
      backend = await startBackend({
        generation,
        pollS: 1,
        roundS: 0.7,
        gracefulS: 1,
        threads: 16,
      });
    });
    afterAll(() => backend?.close());
    beforeEach(async () => {
      lane = await GatewayLane.start(backend, { generation, upstream: UPSTREAM, check: CHECK });
      strategist = await backend.logIn("strategist");
      observer = await backend.logIn("observer");
    });
    afterEach(() => lane.stop());

    /** The cookies of the feeds that the backend serves at the moment. */
    const shown = async () => {
      const open = (await backend.requests("feed")).filter(({ isOpen }) => isOpen);
      return open.map(({ headers }) => headers["Cookie"]);
    };
    const follow = async (target: string, cookie: string) => {
      const reader = await lane.followNatively(target, cookie, 100);
      await eventually(() => expect(reader.payloads.length).toBeGreaterThan(0));
      return reader;
    };
    const status = async (target: string, cookie: string): Promise<number> => {
      const outgoing = request(`${lane.origin}${target}`, { agent: false, headers: { cookie } });
      outgoing.end();
      const [response] = await once(outgoing, "response");
      outgoing.destroy();
      return response.statusCode;
    };

    it("each have a stream of their own, and their cursors are worth nothing to others", async () => {
      const first = await follow(feed, strategist);
      const secret = `alert ${(await backend.insertAlert(rowIn(WARD))).id}`;
      await first.sees(secret);
      const { lastEventId } = first;
      await first.sees(`alert ${(await backend.insertAlert(rowIn(WARD))).id}`);
      const asked = lane.asked;
      const thief = await follow(
        `${feed}&lastEventId=${encodeURIComponent(lastEventId)}`,
        observer,
      );
      expect(lane.asked).toBeGreaterThan(asked);
      expect(lane.gateway.stats().streams).toBe(2);
      const next = `alert ${(await backend.insertAlert(rowIn(WARD))).id}`;
      await Promise.all([first.sees(next), thief.sees(next)]);
      expect(new Set(await shown())).toEqual(new Set([strategist, observer]));
      // What the first generation shows begins with the connection; nothing older may come from the log.
      if (generation === "first") expect(thief.rows).not.toContain(secret);
      expect(thief.repeated).toEqual([]);
    });

    it("are who their session says, whatever other cookies there are, and in which order", async () => {
      await follow(feed, `theme=dark; ${strategist}`);
      await follow(feed, `${strategist}; theme=light; a=${observer}`);
      expect(lane.gateway.stats().streams).toBe(1);
      await follow(feed, `${strategist}; ${observer}`);
      expect(lane.gateway.stats().streams).toBe(1);
      await follow(feed, `${observer}; ${strategist}`);
      expect(lane.gateway.stats().streams).toBe(2);
      await eventually(async () => {
        expect(new Set(await shown())).toEqual(new Set([strategist, observer]));
      });
    });

    it("read what they ask for first, and nothing through a query in disguise", async () => {
      const twice = await follow(`${FEED}?ward=Lotus%20Tank&ward=Old%20Fort&since=x`, strategist);
      const other = await backend.insertAlert(rowIn("Old Fort"));
      const own = await backend.insertAlert(rowIn(WARD));
      await twice.sees(`alert ${own.id}`);
      expect(twice.rows).not.toContain(`alert ${other.id}`);
      const targets = (await backend.requests("feed")).slice(-1).map(({ target }) => target);
      expect(targets[0]).toMatch(/\?ward=Lotus%20Tank&priority=all(&since=|$)/);
      await follow(`${FEED}?priority=all&ward=Lotus+Tank&depth=deep`, strategist);
      expect(lane.gateway.stats().streams).toBe(1);
      // Other spellings are for the backend to understand, and are nobody's stream here.
      for (const path of [FEED.replace("/feed", "%2Ffeed"), FEED.toUpperCase(), `${FEED}/`]) {
        await status(`${path}?ward=Lotus%20Tank`, strategist);
        expect(await status(`${path}?ward=Lotus%20Tank`, "lokdarpan_session=x"), path).not.toBe(
          200,
        );
      }
      expect(lane.gateway.stats().streams).toBe(1);
    });

    it("that are nobody get no stream, by whatever cookie", async () => {
      const before = lane.asked;
      const forged = `${strategist.slice(0, -3)}abc`;
      for (const cookie of ["", "lokdarpan_session=", forged, `x; ${forged}; ${strategist}`]) {
        expect(await status(feed, cookie), cookie).toBe(401);
      }
      expect(lane.asked).toBe(before);
    });

    it("are left when their session has ended at the backend, and others are not", async () => {
      const ended = await lane.follow(feed, strategist);
      const stays = await lane.follow(feed, observer);
      await eventually(() => {
        for (const { payloads } of [ended, stays]) expect(payloads.length).toBeGreaterThan(0);
      });
      const beganMs = performance.now();
      await backend.endSessions("strategist");
      await eventually(() => expect(ended.source.connection.reason).toBe("unauthorized"));
      // One interval, a check that was shared, and time for a busy machine.
      expect(performance.now() - beganMs).toBeLessThan(CHECK.everyMs + 1000 + 3000);
      const row = `alert ${(await backend.insertAlert(rowIn(WARD))).id}`;
      await stays.sees(row);
      expect(ended.rows).not.toContain(row);
      expect(stays.source.connection.statistics.incidents).toBe(0);
    });
  },
);

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("a session that expires", () => {
  it("ends its stream, which a direct connection would not", async () => {
    const backend = await startBackend({ roundS: 0.7, sessionLifetimeS: 3, gracefulS: 1 });
    const lane = await GatewayLane.start(backend, { generation: "enhanced", check: CHECK });
    try {
      const reader = await lane.follow(feed);
      await eventually(() => expect(reader.payloads.length).toBeGreaterThan(0));
      await eventually(() => expect(reader.source.connection.reason).toBe("unauthorized"));
      const asked = lane.asked;
      await eventually(() => expect(lane.gateway.stats().threads.busy).toBe(0));
      expect(lane.asked).toBeLessThanOrEqual(asked + 1);
    } finally {
      await lane.stop();
      await backend.close();
    }
  });
});
