import { strict as assert } from "node:assert";
import type { LogCase } from "./case.js";
import { numbered, readPage } from "./expectations.js";

const NOON_MS = Date.UTC(2026, 5, 1, 12);

/** The times of events, on logs that take their time from the suite. */
export const TIME_CASES: readonly LogCase[] = [
  {
    name: "an event carries the time at which it was appended, a batch one time",
    async run({ log, stream, setNow }) {
      setNow(NOON_MS);
      await log.append(stream, numbered(2));
      setNow(NOON_MS + 1500);
      await log.append(stream, numbered(1));
      const { events } = await readPage(log, stream);
      const timesMs = events.map((event) => event.timeMs);
      assert.deepEqual(timesMs, [NOON_MS, NOON_MS, NOON_MS + 1500]);
    },
  },
  {
    name: "the times of events never go back, even where the clock does",
    async run({ log, stream, setNow }) {
      for (const nowMs of [NOON_MS, NOON_MS - 60_000, NOON_MS + 5]) {
        setNow(nowMs);
        await log.append(stream, numbered(1));
      }
      const { events } = await readPage(log, stream);
      assert.deepEqual(
        events.map((event) => event.timeMs),
        [NOON_MS, NOON_MS, NOON_MS + 5],
      );
    },
  },
];
