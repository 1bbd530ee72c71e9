// The same classes on all four ways from the application to the page: as today, over the drop-in, over the
// gateway, and over both. What they emit today they emit on each; what gets better is told apart here.

import { expect } from "vitest";
import type { LineStage } from "../line.js";
import { type Client, type Scenario, until, wait } from "../stage.js";
import { alertsOf, kindFacts, member, type SubjectKind, subjectKinds, wireData } from "./kinds.js";
import { alertRow, expectAlerts, livelyFeed } from "./lifecycle.js";

/** Which of the four. */
export interface Way {
  readonly transport: "native" | "throughline";
  readonly hasGateway: boolean;
}

type LineScenario = Scenario<LineStage>;

/** The classes that leave a reconnect to their source, and so keep its place. */
const keepingKinds = ["basic", "campaign", "optimized", "feed"] as const;

/** What every class does on this way while nothing goes wrong. */
export function everydayScenarios(
  way: Way,
  kinds: readonly SubjectKind[] = subjectKinds,
): readonly LineScenario[] {
  return [
    ...kinds.map((kind) => emitsTheSame(kind, way)),
    // The timeline asks for a path that is no stream of the preset: the gateway passes it on.
    ...(way.hasGateway ? kinds.filter((kind) => kind !== "timeline").map(hasHeartbeat) : []),
    refusedOnce(way),
  ];
}

/** What becomes of a row that is written while the line is down. */
export function dropScenarios(
  way: Way,
  kinds: readonly SubjectKind[] = keepingKinds,
): readonly LineScenario[] {
  const kept = kinds.map((kind) => (way.hasGateway ? keepsRow(kind) : losesRow(kind)));
  return way.hasGateway ? [...kept, losesItsPlace] : kept;
}

/** What costs requests without end today, on a way over the gateway. */
export function loopScenarios(): readonly LineScenario[] {
  return [
    ...(["enhanced", "basic", "feed"] as const).map(badParameter),
    {
      title:
        "a feed that completes again and again is one connection, and every row comes once (D6)",
      settings: { enhancedMode: "intended", pace: 0.02 },
      async run({ server, open, lineRequests }) {
        server.rows.alerts.push(alertRow(1), alertRow(2), alertRow(3));
        const client = await open({ kind: "basic" });
        await until("four responses of the application", () => server.streams[3], 15_000);
        expect(lineRequests()).toHaveLength(1);
        const { emitted, sources } = await client.snapshot();
        expect(sources).toHaveLength(1);
        expect(idsOf(wireData(await client.snapshot()))).toEqual(
          expect.arrayContaining(["alert_1", "alert_2", "alert_3"]),
        );
        expect(repeated(idsOf(wireData(await client.snapshot())))).toEqual([]);
        expect(emitted.filter(({ name }) => name === "error")).toEqual([]);
      },
    },
  ];
}

function emitsTheSame(kind: SubjectKind, { hasGateway }: Way): LineScenario {
  return {
    title: `${kindFacts[kind].label} emits what it emits today, byte for byte`,
    settings: livelyFeed,
    async run({ server, open }) {
      const client = await open({ kind });
      await until("the first heartbeat", async () => wireData(await client.snapshot())[1]);
      for (const id of [1, 2, 3]) server.rows.alerts.push(alertRow(id));
      const snapshot = await until("three alerts", async () => {
        const seen = await client.snapshot();
        return alertsOf(seen).length === 3 ? seen : undefined;
      });
      expect(snapshot.sources).toHaveLength(1);
      expect(snapshot.sources[0]?.events[0]).toMatchObject({ kind: "open", readyState: 1 });
      // The gateway joins late and leaves nothing out that is history; all of it is as it was sent.
      const sent = server.streams[0]?.payloads ?? [];
      const had = wireData(snapshot);
      expect(had.filter((data) => !sent.includes(data))).toEqual([]);
      expect(alertsOf(snapshot)).toEqual(["3", "2", "1"]);
      expect(JSON.parse(had[0] ?? "{}").type).toBe("connection");
      expect(snapshot.emitted.some(kindFacts[kind].isConnected)).toBe(true);
      expect(snapshot.emitted.some(kindFacts[kind].isInterrupted)).toBe(false);
      expectAlerts(kind, snapshot, hasGateway ? ["heartbeat"] : []);
    },
  };
}

/** Named, as the classes listen for it; the application's own is unnamed, and passes as before. */
function hasHeartbeat(kind: Exclude<SubjectKind, "timeline">): LineScenario {
  return {
    title: `${kindFacts[kind].label} has the gateway's heartbeat at once, where it listens for one`,
    settings: livelyFeed,
    async run({ open }) {
      const client = await open({ kind });
      await until("the first messages", async () => wireData(await client.snapshot())[2]);
      const snapshot = await client.snapshot();
      const { emitted, status } = snapshot;
      switch (kind) {
        case "enhanced":
        case "mobile": {
          expect(member(status, "lastHeartbeat")).toEqual(expect.any(Number));
          const [beat] = emitted.filter(({ name }) => name === "heartbeat");
          // Its data is empty: there is no time in it to measure a latency by.
          expect(beat?.payload).toMatchObject({
            localTime: expect.any(Number),
            latency: Number.NaN,
          });
          break;
        }
        case "basic":
        case "campaign":
          expect(emitted.find(({ name }) => name === "heartbeat")?.payload).toEqual({
            timestamp: expect.any(Number),
          });
          break;
        default:
          // They listen for no names, and must not be handed the gateway's as a message.
          expect(wireData(snapshot)).not.toContain("{}");
      }
      expect(wireData(snapshot).some((data) => data.includes('"heartbeat"'))).toBe(true);
    },
  };
}

/** The redirect to a login page that answers 405, or the gateway's 401: final both times. */
function refusedOnce({ hasGateway }: Way): LineScenario {
  const answer = hasGateway ? "401 in place of the redirect" : "a redirect to a 405";
  return {
    title: `an anonymous first request (${answer}) is final: CLOSED inside onerror, asked once`,
    settings: livelyFeed,
    async run({ server, open, lineRequests }) {
      server.expireSessions();
      const client = await open({ kind: "basic", options: { maxReconnectAttempts: 0 } });
      await until("the class to give up", () => emittedOf(client, "reconnect-failed"));
      await wait(1500);
      const { emitted, sources } = await client.snapshot();
      expect(emitted.map(({ name }) => name)).toEqual(["disconnected", "reconnect-failed"]);
      expect(sources[0]?.events).toMatchObject([{ kind: "error", readyState: 2 }]);
      expect(lineRequests()).toHaveLength(1);
    },
  };
}

/** Down for longer than a poll takes, so that the poll that has the row finds nobody. */
async function dropWithRow(
  { server, line }: LineStage,
  client: Client,
  downMs = 1200,
): Promise<void> {
  await until("the first message", async () => wireData(await client.snapshot())[1]);
  server.rows.alerts.push(alertRow(1));
  await until("the row before", async () => alertsOf(await client.snapshot())[0]);
  await line.set({ kind: "reset" });
  await line.set({ kind: "refuse" });
  await wait(400);
  server.rows.alerts.push(alertRow(2));
  await wait(downMs - 400);
  await line.set({ kind: "pass" });
}

function keepsRow(kind: SubjectKind): LineScenario {
  return {
    title: `${kindFacts[kind].label} has every row once over a drop`,
    settings: livelyFeed,
    async run(stage) {
      const client = await stage.open({ kind });
      await dropWithRow(stage, client);
      await until("the row of the drop", async () => alertsOf(await client.snapshot())[1], 8000);
      stage.server.rows.alerts.push(alertRow(3));
      await until("a row after it", async () => alertsOf(await client.snapshot())[2], 8000);
      expect(alertsOf(await client.snapshot())).toEqual(["1", "2", "3"]);
    },
  };
}

function losesRow(kind: SubjectKind): LineScenario {
  return {
    title: `${kindFacts[kind].label} misses a row over a drop, whoever reconnects (D5)`,
    settings: livelyFeed,
    async run(stage) {
      const client = await stage.open({ kind });
      await dropWithRow(stage, client);
      await until("the next stream", () => stage.server.streams[1], 8000);
      stage.server.rows.alerts.push(alertRow(3));
      await until("a row after it", async () => alertsOf(await client.snapshot())[1], 8000);
      expect(alertsOf(await client.snapshot())).toEqual(["1", "3"]);
    },
  };
}

/** D20 with the gateway: the source that has the cursor is thrown away with it. */
const losesItsPlace: LineScenario = {
  title: "C1 EnhancedSSEClient misses a row over a drop that outlasts its first retry (D20, D24)",
  settings: livelyFeed,
  async run(stage) {
    const client = await stage.open({ kind: "enhanced" });
    // Its own retry is due after 1.0 to 1.1 s: the source that comes back is another one.
    await dropWithRow(stage, client, 1800);
    await until("another source to be open", async () => {
      const { sources } = await client.snapshot();
      return sources.slice(1).some(({ readyState }) => readyState === 1);
    });
    // It may be replaced once more, by a timer of the first one; what falls into that is lost, too.
    let next = 3;
    await until(
      "a row after it",
      async () => {
        stage.server.rows.alerts.push(alertRow(next));
        next += 1;
        await wait(500);
        return alertsOf(await client.snapshot())[1];
      },
      8000,
    );
    const seen = alertsOf(await client.snapshot());
    expect(seen[0]).toBe("1");
    expect(seen).not.toContain("2");
  },
};

function badParameter(kind: "enhanced" | "basic" | "feed"): LineScenario {
  return {
    title: `${kindFacts[kind].label} asks a few times in 8 s for what is a 400 now, and no loop (D10)`,
    async run({ open, lineRequests }) {
      const client = await open({ kind, ward: "" });
      await until("the refusal", async () => (await client.snapshot()).sources[0]?.events[0]);
      expect((await client.snapshot()).sources[0]?.events).toMatchObject([
        { kind: "error", readyState: 2 },
      ]);
      await wait(8000);
      // C1 after 1, 3 and 7 s, C3 after 3 s, H5 after 5 s.
      const most = { enhanced: 4, basic: 2, feed: 2 }[kind];
      expect(lineRequests().length).toBeLessThanOrEqual(most);
      expect(wireData(await client.snapshot())).toEqual([]);
    },
  };
}

function idsOf(data: readonly string[]): readonly string[] {
  return data.map((text) => JSON.parse(text)).flatMap(({ data: { id } = {} }) => id ?? []);
}

function repeated(ids: readonly string[]): readonly string[] {
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}

async function emittedOf(client: Client, wanted: string): Promise<boolean> {
  return (await client.snapshot()).emitted.some(({ name }) => name === wanted);
}
