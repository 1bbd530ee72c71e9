// How many connections there may be: in total, of one address, of one identity.

import type { HubOptions } from "@throughline/server";
import { describe, expect, it } from "vitest";
import { RecordingSink } from "../recording-sink.js";
import { IDENTIFIED, type RequestOptions, Stage } from "../stage.js";

/** Opens a stream and returns its sink, or the status and code of the refusal. */
async function knock(stage: Stage, options: RequestOptions = {}): Promise<RecordingSink | string> {
  const answer = await stage.request("/streams/news", options);
  if (answer.kind === "plain") return `${answer.status} ${JSON.parse(answer.body).code}`;
  const sink = new RecordingSink();
  answer.open(sink);
  await stage.environment.settle();
  return sink;
}

const isIn = (outcome: RecordingSink | string) => outcome instanceof RecordingSink;

describe("connections of one address", () => {
  const OF_ADDRESS = "429 too-many-connections-of-address";
  const stageOf = (options: Partial<HubOptions> = {}) =>
    new Stage({ maxConnectionsPerAddress: 2, ...options });

  it("are let in up to the limit, and again when one has left", async () => {
    const stage = stageOf();
    const from = { remoteAddress: "192.0.2.1" };
    const first = await knock(stage, from);
    expect(isIn(await knock(stage, from))).toBe(true);
    expect(await knock(stage, from)).toBe(OF_ADDRESS);
    if (first instanceof RecordingSink) first.lose();
    expect(isIn(await knock(stage, from))).toBe(true);
    expect(await knock(stage, from)).toBe(OF_ADDRESS);
  });

  it("do not count for others", async () => {
    const stage = stageOf();
    for (const remoteAddress of ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1"]) {
      expect(isIn(await knock(stage, { remoteAddress }))).toBe(true);
      expect(isIn(await knock(stage, { remoteAddress }))).toBe(true);
    }
  });

  it("are counted together for a network of version 6", async () => {
    const stage = stageOf();
    await knock(stage, { remoteAddress: "2001:db8::1" });
    await knock(stage, { remoteAddress: "2001:db8::2" });
    expect(await knock(stage, { remoteAddress: "2001:db8::3" })).toBe(OF_ADDRESS);
  });

  it("are not counted where the address is not known, or that of an untold proxy", async () => {
    const stage = stageOf();
    for (const from of [{}, { remoteAddress: "127.0.0.1" }, { remoteAddress: "10.0.0.1" }]) {
      for (let time = 0; time < 5; time += 1) expect(isIn(await knock(stage, from))).toBe(true);
    }
  });

  it("are counted in the house as well once it is said which proxies are there", async () => {
    const stage = stageOf({ trustedProxies: ["127.0.0.1"] });
    const from = { remoteAddress: "10.0.0.9" };
    await knock(stage, from);
    await knock(stage, from);
    expect(await knock(stage, from)).toBe(OF_ADDRESS);
  });

  it("may take half of the hub where nothing else was chosen", async () => {
    const stage = new Stage({ maxConnections: 5 });
    const from = { remoteAddress: "192.0.2.1" };
    for (let time = 0; time < 3; time += 1) expect(isIn(await knock(stage, from))).toBe(true);
    expect(await knock(stage, from)).toBe(OF_ADDRESS);
    expect(isIn(await knock(stage))).toBe(true);
  });
});

describe("connections of one identity", () => {
  const OF_IDENTITY = "429 too-many-connections-of-identity";

  it("are let in up to the limit, wherever they come from", async () => {
    const stage = new Stage({ ...IDENTIFIED, maxConnectionsPerIdentity: 2 });
    await knock(stage, { identity: "ada", remoteAddress: "192.0.2.1" });
    await knock(stage, { identity: "ada", remoteAddress: "192.0.2.2" });
    expect(await knock(stage, { identity: "ada", remoteAddress: "192.0.2.3" })).toBe(OF_IDENTITY);
    expect(isIn(await knock(stage, { identity: "bob", remoteAddress: "192.0.2.1" }))).toBe(true);
  });

  it("give back their places also where no stream came of it", async () => {
    const limits = { maxConnectionsPerIdentity: 1, maxConnectionsPerAddress: 1 };
    const stage = new Stage({ ...IDENTIFIED, ...limits });
    const who = { identity: "ada", remoteAddress: "192.0.2.1" };
    expect((await stage.plain("/streams/news", { ...who, method: "HEAD" })).status).toBe(200);
    (await stage.stream("/streams/news", who)).abandon();
    const { head } = stage.log;
    stage.log.head = () => Promise.reject(new Error("disk gone"));
    expect((await stage.plain("/streams/other", who)).status).toBe(500);
    stage.log.head = head;
    expect(isIn(await knock(stage, who))).toBe(true);
    expect(await knock(stage, { ...who, remoteAddress: "192.0.2.2" })).toBe(OF_IDENTITY);
    expect(isIn(await knock(stage, { identity: "bob", remoteAddress: "192.0.2.2" }))).toBe(true);
  });
});

describe("whoever finds no room", () => {
  const who = { identity: "ada", remoteAddress: "192.0.2.1" };

  it.each<[string, Partial<HubOptions>, number, string | undefined]>([
    ["in the hub", { maxConnections: 1 }, 503, "close"],
    ["for the address", { maxConnectionsPerAddress: 1 }, 429, undefined],
    ["for the identity", { maxConnectionsPerIdentity: 1 }, 429, undefined],
  ])("%s is told to come back at a time of its own", async (_, options, status, connection) => {
    const stage = new Stage({ ...IDENTIFIED, ...options });
    await knock(stage, who);
    const seconds = new Set<string | undefined>();
    for (const chance of [0, 0.5, 0.999]) {
      stage.environment.random = () => chance;
      const { headers, ...answer } = await stage.plain("/streams/news", who);
      expect([answer.status, headers["connection"]]).toEqual([status, connection]);
      expect(headers["content-type"]).toBe("application/problem+json");
      seconds.add(headers["retry-after"]);
    }
    expect([...seconds]).toEqual(["2", "5", "8"]);
    expect(stage.core.connections.refusedTotal).toBe(3);
  });

  it("costs the log nothing", async () => {
    const stage = new Stage({ maxConnections: 1, maxConnectionsPerAddress: 1 });
    await knock(stage, who);
    const asked: string[] = [];
    for (const name of ["head", "read", "tail", "append"] as const) {
      stage.log[name] = () => {
        asked.push(name);
        throw new Error(`the log was asked for ${name}`);
      };
    }
    for (const target of ["/streams/news", "/streams/new", "/streams/news?cursor=e1.0"]) {
      expect((await stage.plain(target, { remoteAddress: "192.0.2.2" })).status).toBe(503);
    }
    expect([asked, stage.core.feeds.size]).toEqual([[], 1]);
  });
});
