// Scenario 27: two hubs behind a real proxy are replaced one after the other, under readers.

import { parseStreamName } from "@throughline/server";
import { describe, expect, it, onTestFinished } from "vitest";
import { quantiles, type RestartTimes, runDeploy, startHubPair } from "../../src/deploys/index.js";
import { findProgram, startRealProxy } from "../../src/proxies/index.js";
import { proxies } from "../proxies/configurations.js";
import { createNumbers, openReader } from "../proxies/watched-reader.js";

/** The promise: a reader in the middle is never without data for longer. It is mostly far less. */
const LONGEST_GAP_MS = 1000;

/** The same for the worst of all readers: a machine that is busy may stop any of them for a while. */
const WORST_GAP_MS = 2000;

const READERS = 20;
const CROWD = 300;

/** Between two events: what a reader waits for beyond it is what the restart cost. */
const EVERY_MS = 50;

/** How long the last event may take. */
const ARRIVE_WITHIN_MS = 5000;

/** What a crowd reports that has all events, each once. */
const UNHARMED = { lost: 0, missing: 0, repeated: 0, announcedGaps: 0 };

const TIMES: RestartTimes = { noticeMs: 600, drainMs: 3000, absentMs: 300, readyMs: 600 };

describe.each([
  ["nginx", proxies.nginx],
  ["HAProxy", proxies.haproxy],
])("a rolling restart behind %s", (name, { kind, documented }) => {
  const isMissing = findProgram(kind.program) === undefined;

  // Only a machine that has the proxy can run it; `npm test` installs it where it can.
  it.skipIf(isMissing)(
    "is not noticed by drop-in readers: nothing lost, twice or late",
    async () => {
      const pair = await startHubPair();
      onTestFinished(() => pair.close());
      const front = await startRealProxy(kind, { config: (own) => documented(own, pair.ports) });
      onTestFinished(() => front.close());
      const url = `${front.url}/streams/news`;
      const readers = await Promise.all(Array.from({ length: READERS }, () => openReader(url)));
      onTestFinished(() => {
        for (const reader of readers) reader.close();
      });
      const stream = parseStreamName("news");
      const numbers = createNumbers(
        (data) => pair.log.append(stream, [{ data }]),
        () => readers,
      );
      onTestFinished(() => numbers.stop());
      numbers.start(EVERY_MS);
      // Both hubs have readers, so that each restart moves some.
      expect(Math.min(...pair.open())).toBeGreaterThan(0);

      const begunMs = performance.now();
      await pair.restart(TIMES);
      numbers.stop();
      await Promise.all(readers.map(({ until }) => until(numbers.count(), ARRIVE_WITHIN_MS)));

      const gapsMs = quantiles(readers.map((reader) => reader.longestWait(begunMs)));
      for (const { source, checker, errors } of readers) {
        const { isFaithful, lost, repeated } = checker.verdict();
        expect({ isFaithful, lost, repeated }).toEqual({
          isFaithful: true,
          lost: [],
          repeated: [],
        });
        expect(errors()).toBe(0);
        expect(source.connection.snapshot.incidents).toEqual([]);
      }
      tell(`${READERS} drop-in readers behind ${name}`, gapsMs);
    },
  );

  // As above.
  it.skipIf(isMissing)(`costs none of a crowd of ${CROWD} an event, or its data`, async () => {
    const result = await runDeploy({
      proxy: kind,
      config: documented,
      readers: CROWD,
      isHandingOver: true,
      times: TIMES,
    });
    expect(result).toMatchObject({ ...UNHARMED, readers: CROWD });
    tell(`a crowd of ${CROWD} behind ${name}`, result.gapsMs);
    // All of them moved at least once, and nobody asked again and again.
    expect(result.requests).toBeGreaterThanOrEqual(CROWD);
    expect(result.requests).toBeLessThan(3 * CROWD);
  });
});

/** Prints how long readers were without data, also where it is within the bounds; then holds it to them. */
function tell(who: string, gapsMs: ReturnType<typeof quantiles>): void {
  console.info(`${who}: longest gap p50 ${gapsMs.p50} ms, worst ${gapsMs.worst} ms`);
  expect(gapsMs.p50).toBeLessThanOrEqual(LONGEST_GAP_MS);
  expect(gapsMs.worst).toBeLessThanOrEqual(WORST_GAP_MS);
}
