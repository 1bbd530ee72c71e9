// The suites on what cannot pass: a case that nobody fails examines nothing.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { clientConformance } from "../../src/client-conformance.js";
import {
  type ServerConformanceCase,
  type ServerUnderTest,
  serverConformance,
} from "../../src/server-conformance.js";
import { startMyServer } from "../documentation/my-server.js";

/** The names of the cases that pass. */
async function passing(
  cases: readonly Pick<ServerConformanceCase, "name" | "run">[],
): Promise<readonly string[]> {
  const names = cases.map(({ name, run }) =>
    run().then(
      () => [name],
      () => [],
    ),
  );
  return (await Promise.all(names)).flat();
}

/** Answers everything with 500, and says that it has published what it has not. */
async function startBrokenServer(): Promise<ServerUnderTest> {
  const server = createServer((_request, response) => {
    response.writeHead(500, { "content-encoding": "gzip" }).end("no");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    publish: async () => crypto.randomUUID(),
    publishData: async () => {},
    complete: async () => {},
    trim: async () => {},
    dispose: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A good server, which knows nothing of the protocol. */
async function startPlainServer(): Promise<ServerUnderTest> {
  const { url, publish, close } = await startMyServer();
  let count = 0;
  return {
    url,
    publish: async () => {
      count += 1;
      publish(String(count));
      return String(count);
    },
    complete: async () => {},
    trim: async () => {},
    dispose: close,
  };
}

const ALL = {
  level: "throughline",
  abilities: ["publishData", "complete", "trim"],
  heartbeatWithinMs: 300,
  waitMs: 300,
} as const;

describe("the suite of servers", () => {
  it("lets nothing pass of a server that is broken, but what it says in time", async () => {
    expect(await passing(serverConformance({ ...ALL, createServer: startBrokenServer }))).toEqual([
      "names no charset but UTF-8, which is the only one that there is",
      "answers before there is an event",
    ]);
  });

  it("lets nothing of the protocol pass that a server does not speak", async () => {
    const abilities = ["complete", "trim"] as const;
    const cases = serverConformance({ ...ALL, abilities, createServer: startPlainServer });
    const protocol = cases.filter(({ level }) => level === "throughline");
    expect(protocol.length).toBeGreaterThan(15);
    expect(await passing(protocol)).toEqual([]);
    const standard = cases.filter(({ name }) => name.startsWith("goes on exactly"));
    expect(await passing(standard)).toHaveLength(1);
  });

  it("is for the standard alone, and without what a server cannot do, unless it is told", () => {
    const cases = serverConformance({ createServer: startBrokenServer });
    expect(new Set(cases.map(({ level }) => level))).toEqual(new Set(["standard"]));
    expect(cases.some(({ name }) => name.includes("complete"))).toBe(false);
  });
});

describe("the suite of clients", () => {
  it("lets nothing pass of a client that does nothing", async () => {
    const open = () => ({ close: () => {} });
    expect(await passing(clientConformance({ open, level: "resilient", waitMs: 200 }))).toEqual([]);
  });

  it("lets nothing pass of a client that asks again and again, and hands out nothing", async () => {
    const open = (url: string) => {
      const ask = () => {
        fetch(url).then(
          (response) => response.body?.cancel(),
          () => {},
        );
      };
      ask();
      const timer = setInterval(ask, 50);
      return { close: () => clearInterval(timer) };
    };
    const passed = await passing(clientConformance({ open, waitMs: 300 }));
    expect(passed).toEqual([]);
  });
});
