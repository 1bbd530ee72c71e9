// Processes are killed at random moments, and started again at once or after a while: what the backend still
// tells of reaches each reader once.

import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { GatewayProcess } from "./gateway-process.js";
import { FeedReader, NativeReader } from "./readers.js";
import { eventually, feedOf, rowIn } from "./stage.js";

const WARD = "Lotus Tank";
const UPSTREAM = { silenceMs: 2000, answerMs: 1000, releaseMs: 1500, maxRetryMs: 500 };
const PRESETS = {
  enhanced: "strategist-enhanced",
  first: "strategist-first-generation",
} as const;

/** Rows of a round, so few that the backend tells of all of them however long nobody listens. */
const ROWS = 4;

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined).each(["enhanced", "first"] as const)(
  "with the %s feed, a kill -9",
  (generation) => {
    let backend: Backend;
    let gateway: GatewayProcess;
    let reader: FeedReader;
    let native: NativeReader;
    const rows: string[] = [];

    beforeAll(async () => {
      backend = await startBackend({ generation, pollS: 1, roundS: 0.7, gracefulS: 1 });
      gateway = await GatewayProcess.start(backend.url, {
        preset: PRESETS[generation],
        routes: [{ name: "feed", extends: "feed", upstream: UPSTREAM }],
      });
      const url = `${gateway.origin}${feedOf(WARD)}`;
      const cookie = await backend.logIn();
      reader = new FeedReader(url, cookie);
      native = new NativeReader(url, cookie, 200);
      await eventually(() => {
        for (const { payloads } of [reader, native]) expect(payloads.length).toBeGreaterThan(0);
      });
      await writeRows();
      for (const each of [reader, native]) await each.sees(...rows);
    });
    afterAll(async () => {
      reader?.source.close();
      native?.close();
      await gateway?.close();
      await backend?.close();
    });

    async function writeRows(): Promise<void> {
      for (let row = 0; row < ROWS; row += 1) {
        const { id } = await backend.insertAlert(rowIn(WARD));
        rows.push(`alert ${id}`);
        await wait(120);
      }
    }

    /** Something happens while rows are written, and they and one more have to come. */
    async function round(happens: () => Promise<void>, readers = [reader, native]): Promise<void> {
      const atMs = Math.random() * ROWS * 120;
      const happening = wait(atMs).then(happens);
      await Promise.all([writeRows(), happening]);
      for (const each of readers) await each.sees(...rows);
      const what = `at ${Math.round(atMs)} ms; ${gateway.output}`;
      for (const { repeated } of [reader, native]) expect(repeated, what).toEqual([]);
      expect(reader.gaps, what).toEqual([]);
      expect(native.gaps, what).toBe(0);
    }

    it.each([0, 700])("of the gateway, which is back %i ms later", async (afterMs) => {
      await round(async () => {
        await gateway.kill();
        await wait(afterMs);
        await gateway.restart();
      });
    });

    it.each([0])("of gunicorn, which is back %i ms later", async (afterMs) => {
      await round(async () => {
        await backend.kill();
        await wait(afterMs);
        await backend.restart();
      });
    });

    it("of nobody, but gunicorn is silent for three seconds", async () => {
      await round(async () => {
        await backend.kill("SIGSTOP");
        await wait(3000);
        await backend.kill("SIGCONT");
      });
    });

    it("of both, of which the gateway is back first, takes nothing from the drop-in", async () => {
      await round(async () => {
        await Promise.all([gateway.kill(), backend.kill()]);
        await gateway.restart();
        await wait(500);
        await backend.restart();
      }, [reader]);
    });
  },
);
