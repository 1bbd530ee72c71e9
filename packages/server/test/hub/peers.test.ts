// Two hubs behind one address: their limits hold for both together, and a lease is renewed at either.

import { createHub, createMemoryLog, type Hub, type HubOptions } from "@throughline/server";
import { describe, expect, it, onTestFinished } from "vitest";
import type { LimitUse } from "../../src/hub/peers.js";

/** Two hubs over one log that tell each other everything at once. */
function createPair(options: Partial<HubOptions> = {}): readonly [Hub, Hub] {
  const log = createMemoryLog();
  const hubs: Hub[] = [];
  const create = () => {
    const others = () => hubs.filter((hub) => hub !== created);
    const created: Hub = createHub({
      ...options,
      log,
      peers: {
        count: (use) => {
          for (const hub of others()) hub.countElsewhere([use]);
        },
        renewLease: async (hubId, renewal) =>
          others()
            .find(({ id }) => id === hubId)
            ?.renewLease(renewal) ?? { kind: "unknown-hub" },
      },
    });
    hubs.push(created);
    onTestFinished(async () => {
      await created.close({ withinMs: 0 });
    });
    return created;
  };
  return [create(), create()];
}

interface Knock {
  readonly remoteAddress?: string;
  readonly identity?: string;
}

/** Opens a stream: the status, the first event, and how to leave. */
async function knock(hub: Hub, { remoteAddress, identity }: Knock = {}) {
  const headers = identity === undefined ? {} : { "x-identity": identity };
  const leaving = new AbortController();
  const request = new Request("http://hub/streams/feed", { headers, signal: leaving.signal });
  const response = await hub.fetch(request, { remoteAddress });
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  const text = new TextDecoder().decode(value);
  const leave = async () => {
    await reader?.cancel();
  };
  if (response.status === 200) onTestFinished(leave);
  return { status: response.status, text, leave };
}

const BY_HEADER: Partial<HubOptions> = {
  authorize: ({ header }) => ({ identity: header("x-identity") }),
};

describe("the limits of two hubs", () => {
  it("of all connections are one limit, and a place that is given back is free for both", async () => {
    const [one, two] = createPair({ maxConnections: 2 });
    const first = await knock(one);
    expect((await knock(two)).status).toBe(200);
    expect([(await knock(one)).status, (await knock(two)).status]).toEqual([503, 503]);
    await first.leave();
    expect((await knock(two)).status).toBe(200);
    expect((await knock(one)).status).toBe(503);
  });

  it("of an address and of an identity are one limit, and others have their own", async () => {
    const [one, two] = createPair({
      ...BY_HEADER,
      maxConnectionsPerAddress: 1,
      maxConnectionsPerIdentity: 1,
    });
    const ada = { remoteAddress: "192.0.2.1", identity: "ada" };
    expect((await knock(one, ada)).status).toBe(200);
    expect((await knock(two, ada)).status).toBe(429);
    const sameAddress = await knock(two, { ...ada, identity: "bob" });
    expect([sameAddress.status, sameAddress.text]).toEqual([
      429,
      expect.stringContaining("too-many-connections-of-address"),
    ]);
    const sameIdentity = await knock(two, { ...ada, remoteAddress: "192.0.2.2" });
    expect([sameIdentity.status, sameIdentity.text]).toEqual([
      429,
      expect.stringContaining("too-many-connections-of-identity"),
    ]);
    expect((await knock(two, { remoteAddress: "192.0.2.2", identity: "bob" })).status).toBe(200);
  });

  it("of how often somebody asks are one rate", async () => {
    const [one, two] = createPair({ subscribeRate: { perSecond: 1, burst: 2 } });
    const statuses: number[] = [];
    for (const hub of [one, two, one, two]) {
      statuses.push((await knock(hub, { remoteAddress: "192.0.2.1" })).status);
    }
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect((await knock(two, { remoteAddress: "192.0.2.9" })).status).toBe(200);
  });

  it("of publishing are one rate, in events", async () => {
    const [one, two] = createPair({ publishRate: { perSecond: 1, burst: 3 } });
    const publish = async (hub: Hub, events: number) => {
      const body = JSON.stringify(Array.from({ length: events }, () => ({ data: "x" })));
      const headers = { "content-type": "application/json" };
      const request = new Request("http://hub/streams/feed", { method: "POST", body, headers });
      return (await hub.fetch(request, { remoteAddress: "192.0.2.1" })).status;
    };
    const statuses = [await publish(one, 3), await publish(two, 1)];
    expect(statuses).toEqual([201, 429]);
  });

  it("take back all that a hub has told when its readers are gone", async () => {
    const told: LimitUse[] = [];
    const hub = createHub({
      ...BY_HEADER,
      log: createMemoryLog(),
      peers: {
        count: (use) => told.push(use),
        renewLease: () => Promise.resolve({ kind: "unknown-hub" }),
      },
    });
    const reader = await knock(hub, { remoteAddress: "192.0.2.1", identity: "ada" });
    await reader.leave();
    await hub.close({ withinMs: 0 });
    const sums = new Map<string, number>();
    for (const { what, key, count } of told) {
      if (what === "places") sums.set(key, (sums.get(key) ?? 0) + count);
    }
    expect(Object.fromEntries(sums)).toEqual({
      all: 0,
      "address 192.0.2.1": 0,
      "identity ada": 0,
    });
  });
});

describe("the lease of a connection", () => {
  async function renew(hub: Hub, url: string, body = "") {
    const request = new Request(new URL(url, "http://hub/streams/feed"), { method: "POST", body });
    const response = await hub.fetch(request);
    return { status: response.status, body: (await response.json()) as unknown };
  }

  async function leaseOf(hub: Hub): Promise<string> {
    const { text } = await knock(hub);
    const [, hello = "{}"] = /event: throughline\.hello\ndata: (.*)\n/.exec(text) ?? [];
    return String((JSON.parse(hello) as { lease?: { url?: string } }).lease?.url);
  }

  it("is renewed at either hub, with the answer of the one that serves it", async () => {
    const [one, two] = createPair();
    const url = await leaseOf(one);
    await one.publish("feed", { data: "x" });
    const answers = await Promise.all([renew(one, url), renew(two, url)]);
    expect(answers[0].status).toBe(200);
    expect(answers[1]).toEqual(answers[0]);
  });

  it("that is over is not known at either hub", async () => {
    const [one, two] = createPair();
    const url = (await leaseOf(one)).replace(/[^/]+$/, "no-such-connection");
    expect((await renew(one, url)).status).toBe(404);
    expect((await renew(two, url)).status).toBe(404);
  });

  it("of a hub that nobody knows is for somebody else", async () => {
    const [one, two] = createPair();
    const url = (await leaseOf(one)).replace(/leases\/[^/]+/, "leases/gone");
    expect((await renew(two, url)).status).toBe(421);
  });

  it("is not asked for elsewhere where the body is no cursor", async () => {
    const [one, two] = createPair();
    expect((await renew(two, await leaseOf(one), "?")).status).toBe(400);
  });
});
