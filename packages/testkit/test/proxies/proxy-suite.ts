// What has to hold behind every proxy, whatever it is configured with.

import { setTimeout as wait } from "node:timers/promises";
import { createMemoryLog } from "@throughline/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFaultProxy, type FaultProxy } from "../../src/fault-proxy/index.js";
import {
  findProgram,
  type ReadyHub,
  type RealProxy,
  startReadyHub,
  startRealProxy,
} from "../../src/proxies/index.js";
import type { Configuration, ProxyUnderTest } from "./configurations.js";
import { createNumbers, openReader, type WatchedReader } from "./watched-reader.js";

/** The deadline that a hub announces: a longer silence would cost a connection. */
const DEADLINE_MS = 1700;

/** The promise (design: "heal within 5 s"). */
const HEAL_WITHIN_MS = 5000;

/** An event that nobody holds back is there long before this. */
const AT_ONCE_MS = 700;

/** Tests one proxy with one configuration. */
export function describeProxy(
  name: string,
  proxy: ProxyUnderTest,
  configuration: Configuration,
): void {
  // Only a machine that has the program can run it; `npm test` installs it where it can.
  describe.skipIf(findProgram(proxy.kind.program) === undefined)(name, () => {
    let hub: ReadyHub;
    let paths: readonly [FaultProxy, FaultProxy];
    let front: RealProxy;
    let reader: WatchedReader | undefined;
    let numbers: ReturnType<typeof createNumbers>;

    beforeEach(async () => {
      hub = await startReadyHub({ log: createMemoryLog() });
      const upstream = { host: "127.0.0.1", port: hub.port };
      // Two ways to one hub, so that one of them can die.
      paths = [await createFaultProxy({ upstream }), await createFaultProxy({ upstream })];
      const ports = [paths[0].port, paths[1].port] as const;
      front = await startRealProxy(proxy.kind, { config: (own) => configuration(own, ports) });
      reader = undefined;
      numbers = createNumbers(
        (data) => hub.hub.publish("news", { data }),
        () => (reader === undefined ? [] : [reader]),
      );
    });

    afterEach(async () => {
      numbers.stop();
      reader?.close();
      await front.close();
      for (const path of paths) await path.close();
      await hub.close(0);
    });

    /** A reader that is served, while numbers are published. */
    async function openServed(): Promise<WatchedReader> {
      const opened = await openReader(`${front.url}/streams/news`);
      reader = opened;
      numbers.start(50);
      await opened.until(3, HEAL_WITHIN_MS);
      return opened;
    }

    /** Everything that was published has come, once, in order, by the time that was promised. */
    async function expectHealed({ until, checker }: WatchedReader): Promise<void> {
      await until(numbers.count() + 1, HEAL_WITHIN_MS);
      numbers.stop();
      await until(numbers.count(), HEAL_WITHIN_MS);
      const { isFaithful, lost, repeated } = checker.verdict();
      expect({ isFaithful, lost, repeated }).toEqual({ isFaithful: true, lost: [], repeated: [] });
    }

    it("passes pulses and events on as they come", async () => {
      const idle = await openReader(`${front.url}/streams/news`);
      reader = idle;
      const openedMs = performance.now();
      await wait(3500);
      expect(idle.longestSilence(openedMs)).toBeLessThan(DEADLINE_MS);
      const publishedMs = performance.now();
      await idle.until(await numbers.next(), HEAL_WITHIN_MS);
      expect(performance.now() - publishedMs).toBeLessThan(AT_ONCE_MS);
      expect(idle.source.connection.statistics.incidents).toBe(0);
    });

    it("lets a reader that was dropped resume where it was", async () => {
      const dropped = await openServed();
      for (const path of paths) await path.set({ kind: "reset" });
      await expectHealed(dropped);
      expect(dropped.source.connection.statistics.incidents).toBeGreaterThan(0);
    });

    it("loses nothing by a reload, and no connection", async () => {
      const kept = await openServed();
      await front.reload();
      // Twice: the second meets processes that the first has left behind.
      await wait(500);
      await front.reload();
      await wait(500);
      await expectHealed(kept);
      expect(kept.source.connection.snapshot.incidents).toEqual([]);
    });

    it("loses nothing when it is killed and started again", async () => {
      const kept = await openServed();
      await front.kill();
      await wait(1000);
      await front.start();
      await expectHealed(kept);
    });

    it("lets a reader heal when the backend is gone for a while", async () => {
      const orphan = await openServed();
      for (const path of paths) await path.set({ kind: "refuse" });
      for (const path of paths) await path.set({ kind: "reset" });
      for (const path of paths) await path.set({ kind: "refuse" });
      await wait(3000);
      for (const path of paths) await path.set({ kind: "pass" });
      await expectHealed(orphan);
    });

    it("lets a reader notice within 2 s that the backend behind it is silent", async () => {
      const deceived = await openServed();
      const silentMs = performance.now();
      for (const path of paths) await path.set({ kind: "freeze", direction: "both" });
      const begun = () => deceived.source.connection.snapshot.incidents[0]?.begunAtMs;
      while (begun() === undefined) await wait(5);
      expect(performance.now() - silentMs).toBeLessThan(2000 + AT_ONCE_MS);
      for (const path of paths) await path.set({ kind: "pass" });
      await expectHealed(deceived);
    });
  });
}
