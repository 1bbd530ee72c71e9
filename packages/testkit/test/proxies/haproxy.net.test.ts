import { setTimeout as wait } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { findProgram, startRealProxy } from "../../src/proxies/index.js";
import { startBusyHub } from "./busy-hub.js";
import { proxies } from "./configurations.js";
import { describeProxy } from "./proxy-suite.js";

const { haproxy } = proxies;

describeProxy("haproxy as documented", haproxy, haproxy.documented);
describeProxy("haproxy with the least configuration", haproxy, haproxy.least);

// As in the suite: only a machine that has the program can run it.
it.skipIf(findProgram(haproxy.kind.program) === undefined)(
  "haproxy as documented does not take hubs for dead that are only busy",
  async () => {
    // Twice the interval of the checks, and far from what is called dead.
    const hubs = await Promise.all([0, 1].map(() => startBusyHub({ lateMs: 400 })));
    onTestFinished(async () => {
      await Promise.all(hubs.map((hub) => hub.close()));
    });
    const [first = 0, second = 0] = hubs.map(({ port }) => port);
    const front = await startRealProxy(haproxy.kind, {
      config: (own) => haproxy.documented(own, [first, second]),
    });
    onTestFinished(() => front.close());
    // The third is asked only when the first two have been judged.
    while (!hubs.every((hub) => hub.checks() >= 3)) await wait(20);
    const response = await fetch(front.url);
    expect([response.status, await response.text()]).toEqual([200, "served\n"]);
  },
);
