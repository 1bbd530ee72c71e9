// The drop-in with servers that know nothing of it, over a line that breaks.

import { setTimeout as wait } from "node:timers/promises";
import { createFaultProxy, type FaultProxy } from "@throughline/testkit";
import { EventSource, type EventSourceOptions } from "throughline";
import { describe, expect, it, type TestContext } from "vitest";
import { kinds, type Stage } from "./servers.js";

/** More than twice the time after which the slowest of them gives a sign of life. */
const IDLE_TIMEOUT_MS = 2500;

/** The promise for a path that heals, and what a busy machine adds. */
const HEALED_WITHIN_MS = 12_000;

describe.concurrent.each(kinds)("$name", (kind) => {
  const { open, missing, replays, survivesRestart, isRegular } = kind;
  // Only a machine that has it can run it; `npm test` installs it where it can.
  describe.skipIf(missing !== undefined)("with the drop-in", () => {
    it("a reset in the middle of an event costs nothing that can be had again", async (test) => {
      const reader = await openReader(test, open);
      await reader.hears();
      await reader.line.set({ kind: "cut", after: "data:", end: "reset" });
      await reader.miss();
      await reader.gone();
      await reader.hears();
      reader.expectData(replays);
    });

    it("a silence is noticed, and what came meanwhile is asked for", async (test) => {
      const reader = await openReader(test, open);
      await reader.hears();
      await reader.line.set({ kind: "freeze", direction: "down" });
      await reader.miss();
      await reader.gone();
      expect(reader.source.connection.snapshot.incidents[0]?.reason).toBe("silent");
      await reader.line.set({ kind: "pass" });
      await reader.hears();
      reader.expectData(replays);
    });

    // Without regular ones there is no rhythm to learn.
    if (isRegular) {
      it("a silence is noticed by its signs of life, where nobody said what it means", async (test) => {
        const reader = await openReader(test, open, {});
        await reader.hears();
        // Four of them are a rhythm, and two more for gaps that were cut short, or very long.
        await reader.speaks(6);
        await reader.line.set({ kind: "freeze", direction: "down" });
        await reader.miss();
        await reader.gone();
        expect(reader.source.connection.snapshot.incidents[0]?.reason).toBe("silent");
        await reader.line.set({ kind: "pass" });
        await reader.hears();
        reader.expectData(replays);
      });
    }

    it("answers of 503 after a drop are survived", async (test) => {
      const reader = await openReader(test, open);
      await reader.hears();
      await reader.line.set({ kind: "http-error", status: 503 });
      reader.line.reset();
      await reader.gone();
      await reader.miss();
      await reader.failed(3);
      await reader.line.set({ kind: "pass" });
      await reader.hears();
      reader.expectData(replays);
    });

    it("a restart of the server is survived", async (test) => {
      const reader = await openReader(test, open);
      await reader.hears();
      await reader.line.set({ kind: "refuse" });
      reader.line.reset();
      await reader.gone();
      await reader.miss();
      await reader.stage.kill();
      await reader.stage.start();
      await reader.line.set({ kind: "pass" });
      await reader.hears();
      reader.expectData(survivesRestart);
    });
  });
});

interface Reader {
  readonly source: EventSource;
  readonly line: FaultProxy;
  readonly stage: Stage;
  /** Adds a row, once the source is open, and waits until it has come. */
  hears(): Promise<void>;
  /** Adds a row that the reader may only get by asking for it. */
  miss(): Promise<void>;
  /** Waits until bytes have come so many times. */
  speaks(times: number): Promise<void>;
  /** Waits until the source has noticed that its stream is lost. */
  gone(): Promise<void>;
  /** Waits until so many attempts to heal have failed. */
  failed(attempts: number): Promise<void>;
  /** All rows came once and in order; those that were missed only where they can be had again. */
  expectData(withMissed: boolean): void;
}

async function openReader(
  test: TestContext,
  open: () => Promise<Stage>,
  options: EventSourceOptions = { idleTimeoutMs: IDLE_TIMEOUT_MS },
): Promise<Reader> {
  const stage = await open();
  test.onTestFinished(() => stage.close());
  await stage.start();
  const line = await createFaultProxy({ upstream: { host: "127.0.0.1", port: stage.port } });
  test.onTestFinished(() => line.close());
  const source = new EventSource(`${line.url}/events`, options);
  test.onTestFinished(() => source.close());
  const data: number[] = [];
  source.onmessage = (event) => data.push(Number(event.data));

  const inserted: number[] = [];
  const missed = new Set<number>();
  let lost = 0;
  source.addEventListener("error", () => {
    lost += 1;
  });
  const until = async (what: string, isSo: () => boolean) => {
    const untilMs = performance.now() + HEALED_WITHIN_MS;
    while (!isSo()) {
      if (performance.now() > untilMs) {
        const { state, reason, statistics } = source.connection;
        throw new Error(
          `${what}; got ${data} of ${inserted}; ${state} ${reason} ${JSON.stringify(statistics)}`,
        );
      }
      await wait(10);
    }
  };
  const insert = async () => {
    const id = await stage.insert();
    inserted.push(id);
    return id;
  };
  return {
    source,
    line,
    stage,
    hears: async () => {
      // The first bytes of a response prove that the server has the reader on its list.
      const { bytes } = source.connection.statistics;
      await until("it is open", () => {
        const { state, statistics } = source.connection;
        return state === "live" && (statistics.bytes > bytes || data.length > 0);
      });
      const id = await insert();
      await until(`row ${id}`, () => data.includes(id));
      // What went wrong before does not count: some servers refuse while they start.
      lost = 0;
    },
    miss: async () => {
      missed.add(await insert());
    },
    speaks: async (times) => {
      for (let i = 0; i < times; i++) {
        const { bytes } = source.connection.statistics;
        await until("bytes", () => source.connection.statistics.bytes > bytes);
      }
    },
    gone: () => until("the loss", () => lost > 0),
    failed: (attempts) =>
      until(`${attempts} attempts`, () => source.connection.snapshot.attempts > attempts),
    expectData: (withMissed) =>
      expect(data).toEqual(inserted.filter((id) => withMissed || !missed.has(id))),
  };
}
