import { strict as assert } from "node:assert";
import type { LogCase } from "./case.js";
import { dataOf, lastOf, numbered, readPage } from "./expectations.js";

/** One more than a power of ten, which is where stores that scan were caught in the field. */
const LONG = 10_001;
/** How often each time is taken; the best counts, because noise only ever adds. */
const RUNS = 25;
/** How much slower the long stream may be: a logarithm and noise, but no scan of 10,000 events. */
const MOST_TIMES_SLOWER = 8;
const NOISE_MS = 0.5;

/** Finding the place to begin does not depend on how much lies before it. */
export const SEEK_CASES: readonly LogCase[] = [
  {
    name: "reading the newest of 10,001 events takes no longer than reading the newest of two",
    async run({ log, stream, nameWith }) {
      const short = nameWith("/short");
      await log.append(short, numbered(2));
      await log.append(stream, numbered(LONG));
      const shortMs = await bestMs(() => readPage(log, short, { after: 1 }));
      const longMs = await bestMs(async () => {
        const { events } = await readPage(log, stream, { after: LONG - 1 });
        assert.deepEqual(dataOf(events), [`${LONG}`]);
      });
      assertNoScan(longMs, shortMs);
    },
  },
  {
    name: "a tail from the newest of 10,001 events hears the next one as soon as one from few",
    async run({ log, stream, nameWith, record }) {
      const short = nameWith("/short");
      const shortLast = lastOf(await log.append(short, numbered(2)));
      const last = lastOf(await log.append(stream, numbered(LONG)));
      const shortMs = await bestMs(async () => {
        const tail = record({ ...shortLast, offset: 1 }, { stream: short });
        await tail.untilOffset(2);
        tail.close();
      });
      const longMs = await bestMs(async () => {
        const tail = record({ ...last, offset: LONG - 1 });
        await tail.untilOffset(LONG);
        tail.close();
      });
      assertNoScan(longMs, shortMs);
      const tail = record(last);
      await log.append(stream, numbered(1, LONG + 1));
      await tail.untilOffset(LONG + 1);
      tail.assertUnbroken();
      assert.deepEqual(dataOf(tail.events), [`${LONG + 1}`]);
    },
  },
];

async function bestMs(task: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run += 1) {
    const begunMs = performance.now();
    await task();
    best = Math.min(best, performance.now() - begunMs);
  }
  return best;
}

function assertNoScan(longMs: number, shortMs: number): void {
  const allowedMs = shortMs * MOST_TIMES_SLOWER + NOISE_MS;
  const times = `${longMs.toFixed(2)} ms on ${LONG} events, ${shortMs.toFixed(2)} ms on 2`;
  assert(longMs <= allowedMs, `the place is found by scanning: ${times}`);
}
