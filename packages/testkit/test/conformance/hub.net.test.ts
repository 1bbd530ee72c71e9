// The suite of servers, on the hub, over both of its logs.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createEmbeddedLog,
  createHub,
  createMemoryLog,
  type EventLog,
  parseStreamName,
} from "@throughline/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServerUnderTest, serverConformance } from "../../src/server-conformance.js";

/** A hub and a stream of its own, over a log that others use too. */
async function startHub(log: EventLog): Promise<ServerUnderTest> {
  const name = parseStreamName(randomUUID());
  let hub = createHub({ log });
  const server = createServer((request, response) => hub.handleNode(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  let count = 0;
  return {
    url: `http://127.0.0.1:${port}/streams/${name}`,
    publish: async () => {
      count += 1;
      await hub.publish(name, { data: `event ${count}` });
      return `event ${count}`;
    },
    publishData: async (data) => {
      await hub.publish(name, { data });
    },
    complete: async () => {
      await log.seal(name);
    },
    trim: async () => {
      await log.trim(name, Number.MAX_SAFE_INTEGER);
      // What the hub has in memory it still has: another one has not.
      await hub.close({ withinMs: 0 });
      hub = createHub({ log });
    },
    dispose: async () => {
      await hub.close({ withinMs: 0 });
      server.close();
      server.closeAllConnections();
    },
  };
}

const folder = mkdtempSync(join(tmpdir(), "throughline-conformance-"));
const LOGS: Readonly<Record<string, () => Promise<EventLog>>> = {
  memory: async () => createMemoryLog(),
  embedded: () => createEmbeddedLog({ directory: folder }),
};

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.entries(LOGS))("a hub over the %s log", (_name, openLog) => {
  let log: EventLog | undefined;
  beforeAll(async () => {
    log = await openLog();
  });
  afterAll(() => log?.close());

  const cases = serverConformance({
    level: "throughline",
    abilities: ["publishData", "complete", "trim"],
    heartbeatWithinMs: 2000,
    createServer: async () => startHub(log ?? (await openLog())),
  });

  it.concurrent.each(cases)("$name", ({ run }) => run());

  it("is asked everything", () => {
    expect(cases.length).toBeGreaterThan(30);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });
});
