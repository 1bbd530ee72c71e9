// Opening, receiving, closing: what the classes do while nothing goes wrong.

import { expect } from "vitest";
import type { ProbeSnapshot } from "../probe.js";
import type { AlertRow } from "../server/rows.js";
import { type Scenario, until, wait } from "../stage.js";
import { kindFacts, member, type SubjectKind, wireData } from "./kinds.js";

/** The first-generation feed, polled a hundred times faster, also where the timeline asks. */
export const livelyFeed = { generation: "first", timeline: "feed", pace: 0.01 } as const;

/** Text that shows whether bytes, escapes and surrogate pairs survive. */
const delicateText = 'జూబ్లీ हिल्स 😀 "quoted"\n\u2028line\\n: data: id: 7\r\u0000';

/** Every class opens, gets what the server sends, and lets go. */
export function lifecycleScenarios(kinds: readonly SubjectKind[]): readonly Scenario[] {
  const reconnecting = kinds.filter((kind) => kind === "enhanced" || kind === "mobile");
  return [
    ...kinds.flatMap((kind) => [receives(kind), letsGo(kind)]),
    ...reconnecting.map(reconnectsOnDemand),
  ];
}

function reconnectsOnDemand(kind: SubjectKind): Scenario {
  return {
    title: `${kindFacts[kind].label} replaces its source when it is asked to reconnect`,
    settings: livelyFeed,
    async run({ server, open }) {
      const client = await open({ kind });
      await until("the first message", async () => wireData(await client.snapshot())[0]);
      await client.call("reconnect");
      await until("data on the second source", async () =>
        (await client.snapshot()).sources[1]?.events.some(({ kind: name }) => name === "message"),
      );
      const { emitted, sources } = await client.snapshot();
      expect(sources.map(({ readyState }) => readyState)).toEqual([2, 1]);
      expect(emitted.map(({ name }) => name).filter((name) => name.includes("connect"))).toEqual([
        "connect",
        "disconnect",
        "connect",
      ]);
      await until("one stream", () => server.openStreams() === 1);
    },
  };
}

function receives(kind: SubjectKind): Scenario {
  const { label, isConnected } = kindFacts[kind];
  return {
    title: `${label} reports the connection and gets every message unchanged and in order`,
    settings: livelyFeed,
    async run({ server, open }) {
      const client = await open({ kind });
      await until("the first heartbeat", async () => wireData(await client.snapshot())[1]);
      for (const id of [1, 2, 3]) server.rows.alerts.push(alertRow(id));
      const snapshot = await until("three alerts and a heartbeat after them", async () => {
        const seen = await client.snapshot();
        const types = wireData(seen).map(typeOf);
        return types.indexOf("heartbeat", types.lastIndexOf("alert")) > types.indexOf("alert") &&
          types.filter((type) => type === "alert").length === 3
          ? seen
          : undefined;
      });

      const [source, ...others] = snapshot.sources;
      expect(others).toEqual([]);
      expect(source?.withCredentials).toBe(true);
      expect(source?.events[0]).toMatchObject({ kind: "open", readyState: 1 });
      const messages = source?.events.slice(1) ?? [];
      expect(
        new Set(messages.map(({ kind: name, readyState }) => `${name} in ${readyState}`)),
      ).toEqual(new Set(["message in 1"]));
      // Without an `id:` on the wire there is no last event id, whoever reads it.
      expect(messages.filter(({ lastEventId }) => lastEventId !== "")).toEqual([]);
      const data = wireData(snapshot);
      expect(data).toEqual(server.streams[0]?.payloads.slice(0, data.length));
      expect(snapshot.emitted.filter(isConnected).length).toBeGreaterThan(0);
      expectAlerts(kind, snapshot);
    },
  };
}

function letsGo(kind: SubjectKind): Scenario {
  return {
    title: `${kindFacts[kind].label} ends its connection and asks for nothing more when it is stopped`,
    settings: livelyFeed,
    async run({ server, open }) {
      const client = await open({ kind });
      await until("the first message", async () => wireData(await client.snapshot())[0]);
      await client.stop();
      await until("the server to lose its reader", () => server.openStreams() === 0);
      const dispatched = wireData(await client.snapshot()).length;
      const requests = server.streamRequests().length;
      await wait(700);
      const after = await client.snapshot();
      expect(after.sources.map(({ readyState }) => readyState)).toEqual([2]);
      expect(wireData(after)).toHaveLength(dispatched);
      expect(server.streamRequests()).toHaveLength(requests);
      expect(
        after.sources.flatMap(({ events }) => events).map(({ kind: name }) => name),
      ).not.toContain("error");
    },
  };
}

/** What the application gets of the three alerts, which the server sends newest first. */
export function expectAlerts(
  kind: SubjectKind,
  snapshot: ProbeSnapshot,
  namedByGateway: readonly string[] = [],
): void {
  const alert = (id: number) => ({ id, ward: "Jubilee Hills", description: delicateText });
  const emitted = (name: string) =>
    snapshot.emitted.filter((emission) => emission.name === name).map(({ payload }) => payload);
  const messages = emitted("message").filter((message) =>
    JSON.stringify(message).includes("alert"),
  );
  switch (kind) {
    case "enhanced":
      // D18: counted, and then dropped.
      expect(new Set(snapshot.emitted.map(({ name }) => name))).toEqual(
        new Set(["connect", ...namedByGateway]),
      );
      expect(member(member(snapshot.status, "metrics"), "messagesReceived")).toBeGreaterThan(4);
      break;
    case "mobile":
      // D26: the three come back to back, and a class that throttles drops two of them.
      expect(emitted("alert")).toMatchObject([
        { type: "alert", data: alert(3), receivedAt: { $date: expect.any(Number) } },
      ]);
      break;
    case "basic":
    case "timeline":
      expect(messages).toMatchObject([3, 2, 1].map((id) => ({ type: "alert", data: alert(id) })));
      break;
    case "campaign":
      expect(messages).toMatchObject(
        [3, 2, 1].map((id) => ({
          type: "alert",
          data: alert(id),
          sessionId: null,
          receivedAt: expect.any(Number),
        })),
      );
      break;
    case "optimized":
      expect(messages).toMatchObject(
        [3, 2, 1].map((id) => ({ type: "message", data: { type: "alert", data: alert(id) } })),
      );
      break;
    case "feed":
      expect(member(snapshot.status, "intelligence")).toMatchObject(
        [1, 2, 3].map((id) => ({ type: "alert", ...alert(id), isAlert: true })),
      );
      break;
  }
}

/** A row that comes into being now. */
export function alertRow(id: number): AlertRow {
  return {
    id,
    ward: "Jubilee Hills",
    title: `Alert ${id}`,
    description: delicateText,
    severity: "High",
    category: "civic",
    // Later than the poll that is going on, and each later than the one before.
    createdAtMs: Date.now() + id,
  };
}

function typeOf(data: string): string {
  return (JSON.parse(data) as { readonly type: string }).type;
}
