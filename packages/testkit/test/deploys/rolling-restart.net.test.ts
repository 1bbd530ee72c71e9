// Scenario 27: two hubs behind a real proxy are replaced one after the other, under readers.

import { parseStreamName } from "@throughline/server";
import { describe, expect, it, onTestFinished } from "vitest";
import { type RestartTimes, runDeploy, startHubPair } from "../../src/deploys/index.js";
import { quantiles } from "../../src/deploys/quantiles.js";
import { findProgram, startRealProxy } from "../../src/proxies/index.js";
import { proxies } from "../proxies/configurations.js";
import { createNumbers, openReader } from "../proxies/watched-reader.js";

/**
 * The longest that a drop-in reader may be without a byte. A client that opens its next connection
 * before it leaves the old one keeps 1000; one that comes back after the end waits for `retry:`, too.
 */
const LONGEST_GAP_MS = 3000;

/** The same for a crowd, whose readers all open the next connection first, on a busy machine. */
const LONGEST_CROWD_GAP_MS = 1700;

const READERS = 20;
const CROWD = 300;
const TIMES: RestartTimes = { noticeMs: 1000, drainMs: 3000, absentMs: 500, readyMs: 1500 };

describe.each([
  ["nginx", proxies.nginx],
  ["HAProxy", proxies.haproxy],
])("a rolling restart behind %s", (_, { kind, documented }) => {
  const isMissing = findProgram(kind.program) === undefined;

  // Only a machine that has the proxy can run it; `npm test` installs it where it can.
  it.skipIf(isMissing)("costs drop-in readers no event, and none comes twice", async () => {
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
    numbers.start(50);

    const begunMs = performance.now();
    await pair.restart(TIMES);
    numbers.stop();
    await Promise.all(readers.map(({ until }) => until(numbers.count(), 5000)));

    expect(readers.every(({ checker }) => checker.verdict().isFaithful)).toBe(true);
    const gapsMs = quantiles(readers.map((reader) => reader.longestSilence(begunMs)));
    expect(gapsMs.worst, JSON.stringify(gapsMs)).toBeLessThan(LONGEST_GAP_MS);
  });

  // As above.
  it.skipIf(isMissing)(`costs none of a crowd of ${CROWD} an event, or its data`, async () => {
    const result = await runDeploy({
      proxy: kind,
      config: documented,
      readers: CROWD,
      isHandingOver: true,
      times: TIMES,
    });
    expect(result).toMatchObject({ lost: 0, repeated: 0, announcedGaps: 0, readers: CROWD });
    expect(result.gapsMs.worst, JSON.stringify(result)).toBeLessThan(LONGEST_CROWD_GAP_MS);
    // All of them moved at least once, and nobody asked again and again.
    expect(result.requests).toBeGreaterThanOrEqual(CROWD);
    expect(result.requests).toBeLessThan(3 * CROWD);
  });
});
