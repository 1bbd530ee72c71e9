// Rows are inserted into the back end's database, and each must reach each reader once, whatever happens
// between the back end and the gateway.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { eventually, FEED, rowIn, StrategistStage } from "./stage.js";

const WARD = "Lotus Tank";

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined).each(["enhanced", "first"] as const)(
  "the %s feed through the gateway",
  (generation) => {
    let stage: StrategistStage;
    const feed = `${FEED}?ward=${encodeURIComponent(WARD)}&priority=all&since=`;

    beforeAll(async () => {
      stage = await StrategistStage.start({ generation, pollS: 1, gracefulS: 1 });
    });
    afterAll(() => stage?.stop());
    afterEach(() => stage.leaveAll());

    const alert = async () => `alert ${(await stage.backend.insertAlert(rowIn(WARD))).id}`;
    const post = async () => `post ${(await stage.backend.insertPost(rowIn(WARD))).id}`;

    it("brings each row once, to the drop-in", async () => {
      const reader = await stage.follow(feed);
      await eventually(() => expect(reader.source.readyState).toBe(1));
      const rows: string[] = [];
      for (let round = 0; round < 6; round += 1) {
        rows.push(await alert(), await post());
        await reader.sees(...rows);
      }
      expect(reader.repeated).toEqual([]);
      expect(reader.gaps).toEqual([]);
      expect(stage.errors).toEqual([]);
    }, 60_000);

    it("brings each row once over a backend that is killed and started again", async () => {
      const reader = await stage.follow(feed);
      await eventually(() => expect(reader.payloads.length).toBeGreaterThan(0));
      const before = await alert();
      await reader.sees(before);
      await stage.backend.kill("SIGKILL");
      const during = await alert();
      await stage.backend.restart();
      const after = await alert();
      await reader.sees(before, during, after);
      expect(reader.repeated).toEqual([]);
      expect(reader.gaps).toEqual([]);
      expect(reader.source.connection.statistics.incidents).toBe(0);
    }, 60_000);

    it("says that something may be missing where more came than the backend tells of", async () => {
      const reader = await stage.follow(feed);
      await eventually(() => expect(reader.payloads.length).toBeGreaterThan(0));
      await reader.sees(await alert());
      const burst = Array.from({ length: 15 }, () => ({ kind: "alert", ...rowIn(WARD) }) as const);
      const { ids } = await stage.backend.insertRows(burst);
      await reader.sees(`alert ${ids.at(-1)}`);
      await eventually(() => expect(reader.gaps.map(({ reason }) => reason)).toEqual(["upstream"]));
      expect(reader.repeated).toEqual([]);
    }, 60_000);
  },
);
