// The drop-in as it is published, in every runtime that is here, against a hub behind a line that
// breaks.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { createHub, createMemoryLog, type Hub } from "@throughline/server";
import { createFaultProxy, freePort } from "@throughline/testkit";
import { describe, expect, it, type TestContext } from "vitest";
import {
  isHere,
  type ProgramKind,
  type RuntimeProcess,
  runtimes,
  startProgram,
} from "./runtime-process.js";

/** The promise of 2 s, and what a busy machine adds. */
const NOTICED_WITHIN_MS = 4000;

/** The promise of 5 s, and what a busy machine adds. */
const HEALED_WITHIN_MS = 8000;

/** The same after three refusals, between which it waits for up to 0.3, 0.6, 1.2 and 2.4 s. */
const HEALED_AFTER_BURST_MS = 15_000;

/** A runtime starts, on a machine that starts several at once. */
const STARTED_WITHIN_MS = 20_000;

/** A program that has nothing left to do ends. */
const ENDED_WITHIN_MS = 5000;

describe.concurrent.each(runtimes)("in $name", (runtime) => {
  // Only a machine that has it can run it; `npm test` installs it where it can.
  describe.skipIf(!isHere(runtime))("the drop-in", () => {
    const start = (test: TestContext, url: string, kind: ProgramKind): RuntimeProcess => {
      const started = startProgram(runtime, url, kind);
      test.onTestFinished(() => started.end());
      return started;
    };

    it("loses nothing by a reset, a silence and a burst of 503", async (test) => {
      const { hub, port } = await startHub(test);
      const line = await createFaultProxy({ upstream: { host: "127.0.0.1", port } });
      test.onTestFinished(() => line.close());
      const reader = start(test, `${line.url}/streams/news`, "source");
      let count = 0;
      const publish = async () => {
        count += 1;
        const data = String(count);
        await hub.publish("news", { data });
        return data;
      };
      const hears = async (withinMs: number) => {
        const wanted = await publish();
        await reader.until(`event ${wanted}`, ({ data }) => data === wanted, withinMs);
      };
      await hears(STARTED_WITHIN_MS);

      await line.set({ kind: "reset" });
      await hears(HEALED_WITHIN_MS);

      await line.set({ kind: "freeze", direction: "both" });
      await publish();
      await reader.until("the loss", ({ reason }) => reason === "silent", NOTICED_WITHIN_MS);
      await line.set({ kind: "pass" });
      await hears(HEALED_WITHIN_MS);

      await line.set({ kind: "http-error", status: 503, times: 3 });
      line.reset();
      await hears(HEALED_AFTER_BURST_MS);

      await hub.publish("news", { data: "last" });
      expect(await reader.code(ENDED_WITHIN_MS)).toBe(0);
      const all = Array.from({ length: count }, (_, index) => String(index + 1));
      expect(reader.data()).toEqual([...all, "last"]);
    });

    it.for(["source", "subscription"] as const)(
      "does not end while a %s waits to reconnect, and ends once that is closed",
      async (kind, test) => {
        const port = await freePort();
        const reader = start(test, `http://127.0.0.1:${port}/streams/news`, kind);
        await reader.until("a wait", ({ state }) => state === "waiting", STARTED_WITHIN_MS);
        await wait(2000);
        expect(reader.hasEnded()).toBe(false);
        const { hub } = await startHub(test, port);
        await hub.publish("news", { data: "last" });
        expect(await reader.code(HEALED_WITHIN_MS)).toBe(0);
        expect(reader.data()).toEqual(["last"]);
      },
    );

    it("ends with its own work while an unreferenced source is open", async (test) => {
      const { hub, port } = await startHub(test);
      await hub.publish("news", { data: "1" });
      const reader = start(test, `http://127.0.0.1:${port}/streams/news`, "unreferenced");
      await reader.until("an event", ({ data }) => data === "1", STARTED_WITHIN_MS);
      expect(await reader.code(ENDED_WITHIN_MS)).toBe(0);
      expect(reader.lines.at(-1)).toEqual({ state: "done" });
    });

    it("ends with its own work while an unreferenced source waits to reconnect", async (test) => {
      const reader = start(test, `http://127.0.0.1:${await freePort()}/`, "unreferenced");
      await reader.until("a wait", ({ state }) => state === "waiting", STARTED_WITHIN_MS);
      expect(await reader.code(ENDED_WITHIN_MS)).toBe(0);
    });
  });
});

async function startHub(test: TestContext, port = 0): Promise<{ hub: Hub; port: number }> {
  const hub = createHub({ log: createMemoryLog() });
  const server = createServer(hub.handleNode).listen(port, "127.0.0.1");
  await once(server, "listening");
  test.onTestFinished(async () => {
    await hub.close({ withinMs: 0 });
    server.close();
    server.closeAllConnections();
  });
  return { hub, port: (server.address() as AddressInfo).port };
}
