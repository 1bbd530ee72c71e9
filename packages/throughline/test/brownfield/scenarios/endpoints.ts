// The other endpoints of the contract, and what the classes make of their peculiarities.

import { expect } from "vitest";
import { type Scenario, until, wait } from "../stage.js";
import { member, wireData } from "./kinds.js";

/** One story for each endpoint; the same over every transport. */
export function endpointScenarios(): readonly Scenario[] {
  return [
    {
      title: "the feed of today arrives as it is, from connection to complete (D1, D2)",
      settings: { pace: 0.02 },
      async run({ server, open }) {
        const client = await open({ kind: "basic" });
        await until("complete", async () => wireData(await client.snapshot())[21]);
        const data = wireData(await client.snapshot());
        expect(data).toEqual(server.streams[0]?.payloads);
        expect(data.map((text) => JSON.parse(text).type)).toEqual([
          "connection",
          ...Array.from({ length: 10 }, () => ["intelligence", "error"]).flat(),
          "complete",
        ]);
      },
    },
    {
      title: "a retry of five seconds in the feed holds for the reconnect after complete",
      settings: { pace: 0.02 },
      async run({ server, open }) {
        await open({ kind: "basic" });
        const endedMs = await until("complete", () => server.streams[0]?.closedAtMs);
        await until("the next request", () => server.streamRequests()[1], 9000);
        const askedMs = server.streamRequests()[1]?.atMs ?? 0;
        expect(askedMs - endedMs).toBeGreaterThan(4900);
        expect(askedMs - endedMs).toBeLessThan(8000);
      },
    },
    {
      title: "the analysis stream arrives in order, stays open, and names stay values of type",
      settings: { pace: 0.005 },
      async run({ server, open }) {
        const path = "/api/v1/multimodel/strategist/stream/Jubilee%20Hills?depth=quick";
        const client = await open({ kind: "campaign", path });
        await until("a heartbeat after the result", async () => {
          const last = wireData(await client.snapshot()).at(-1);
          return last?.includes('"heartbeat"');
        });
        const snapshot = await client.snapshot();
        const data = wireData(snapshot);
        expect(data).toEqual(server.streams[0]?.payloads.slice(0, data.length));
        expect(data.slice(0, 15).map((text) => JSON.parse(text).type)).toEqual([
          "connection",
          "analysis-start",
          "analysis-progress",
          "analysis-progress",
          ...Array.from({ length: 5 }, () => ["analysis-progress", "confidence-update"]).flat(),
          "analysis-complete",
        ]);
        // Named events of the same words are registered, and none may come.
        const names = new Set(snapshot.emitted.map(({ name }) => name));
        expect(names).toEqual(new Set(["connected", "message"]));
        expect(server.openStreams()).toBe(1);
      },
    },
    {
      title: "the torn frame of the agents stream is dispatched torn, and hurts nobody (D13)",
      async run({ server, open }) {
        const path = "/api/v1/agents/stream/analysis/Jubilee%20Hills";
        const client = await open({ kind: "basic", path });
        await until("both events", async () => wireData(await client.snapshot())[1]);
        const [starting, torn] = wireData(await client.snapshot());
        expect(starting).toBe(server.streams[0]?.payloads[0]);
        expect(torn).toBe('{"status": "error", "error": "Working outside of request context.');
        const { emitted } = await client.snapshot();
        expect(emitted.find(({ name }) => name === "error")?.payload).toMatchObject({ raw: torn });
      },
    },
    {
      title: "the compatibility feed arrives from connection to close",
      settings: { pace: 0.02 },
      async run({ server, open }) {
        const client = await open({
          kind: "basic",
          path: "/api/v1/strategist-compat/feed?ward=Jubilee%20Hills",
        });
        await until("close", async () => wireData(await client.snapshot())[4]);
        const data = wireData(await client.snapshot());
        expect(data.slice(0, 5)).toEqual(server.streams[0]?.payloads);
        expect(JSON.parse(data[4] ?? "{}")).toMatchObject({
          type: "close",
          reason: "feed_complete",
        });
      },
    },
    {
      title:
        "the broken conversation stream costs the chat one request, and it closes itself (D13)",
      async run({ server, open }) {
        const path = "/api/v1/strategist/conversation/stream?sessionId=s1&ward=Jubilee%20Hills";
        const client = await open({ kind: "chat", path });
        await until("the error", async () => (await client.snapshot()).emitted[0]);
        await wait(1500);
        expect(server.streamRequests()).toHaveLength(1);
        expect((await client.snapshot()).sources[0]?.readyState).toBe(2);
      },
    },
    {
      title: "an answer of JSON is final for its source, and H4 says so (D13)",
      async run({ server, open }) {
        const client = await open({ kind: "timeline", options: { maxRetries: 0 } });
        await until("failed", async () => {
          return member((await client.snapshot()).status, "connectionState") === "failed";
        });
        await wait(1500);
        expect(server.streamRequests()).toHaveLength(1);
        const [source] = (await client.snapshot()).sources;
        expect(source?.events).toMatchObject([{ kind: "error", readyState: 2 }]);
      },
    },
    {
      title: "a second source for the same URL is a stream of its own, and outlives the first",
      settings: { generation: "first", pace: 0.01 },
      async run({ server, open }) {
        const [first, second] = await Promise.all([
          open({ kind: "basic" }),
          open({ kind: "basic" }),
        ]);
        await until("two streams", () => server.openStreams() === 2);
        await first.stop();
        await until("one stream", () => server.openStreams() === 1);
        const closedMs = Date.now();
        await until("data on the other", async () =>
          (await second.snapshot()).sources.some(({ events }) =>
            events.some(({ kind, atMs }) => kind === "message" && atMs > closedMs),
          ),
        );
        await first.call("connect");
        await until("two streams again", () => server.openStreams() === 2);
        // The new source starts anew: no id has come, so none is sent.
        const { url, headers } = server.streamRequests()[2] ?? {};
        expect(url).toBe(server.streamRequests()[0]?.url);
        expect(headers).not.toHaveProperty("last-event-id");
      },
    },
  ];
}

/** What only C2 does with today's feed; it needs a page around it. */
export const mobileErrorScenario: Scenario = {
  title: "C2 turns an error message of the feed into an error event of the connection (D26)",
  settings: { pace: 0.02 },
  async run({ open }) {
    const client = await open({ kind: "mobile" });
    const { payload } = await until("the event", async () =>
      (await client.snapshot()).emitted.find(({ name }) => name === "error"),
    );
    expect(payload).toMatchObject({ type: "error", data: { recoverable: true } });
  },
};
