// Answers that no retry makes better: sessions that are over, requests that are wrong.

import { expect } from "vitest";
import { type Scenario, until, wait } from "../stage.js";
import { wireData, wireMessagesSince } from "./kinds.js";
import { livelyFeed } from "./lifecycle.js";

/** Refusals of a first request, which are final in the standard; the same over every transport. */
export function refusalScenarios(): readonly Scenario[] {
  const answers = [
    ["302 to a login that answers 405", "redirect"],
    ["401", "unauthorized"],
  ] as const;
  return [
    ...answers.map(([name, anonymous]): Scenario => {
      return {
        title: `an anonymous first request (${name}) is final: CLOSED inside onerror, asked once`,
        settings: { ...livelyFeed, anonymous },
        async run({ server, open }) {
          server.expireSessions();
          const client = await open({ kind: "basic", options: { maxReconnectAttempts: 0 } });
          await until("the class to give up", async () =>
            (await client.snapshot()).emitted.some(
              ({ name: event }) => event === "reconnect-failed",
            ),
          );
          await wait(1500);
          const { emitted, sources } = await client.snapshot();
          expect(emitted.map(({ name: event }) => event)).toEqual([
            "disconnected",
            "reconnect-failed",
          ]);
          expect(sources[0]?.events).toMatchObject([{ kind: "error", readyState: 2 }]);
          expect(server.streamRequests()).toHaveLength(1);
        },
      };
    }),
    {
      title: "bad input arrives as the error message of a stream that was opened (D10)",
      async run({ server, open }) {
        const client = await open({ kind: "basic", ward: "" });
        await until("the message", async () => wireData(await client.snapshot())[0]);
        const { emitted, sources } = await client.snapshot();
        expect(emitted.slice(0, 2)).toMatchObject([
          { name: "connected" },
          { name: "message", payload: { type: "error", message: "Ward parameter is required" } },
        ]);
        await until("the end", async () => (await client.snapshot()).sources[0]?.events[2]);
        expect((await client.snapshot()).sources[0]?.events[2]).toMatchObject({
          kind: "error",
          readyState: 0,
        });
        expect(sources[0]?.events[1]?.data).toBe(server.streams[0]?.payloads[0]);
      },
    },
  ];
}

/** What the drop-in does for a session that ended while the stream was open. */
export function expiryScenarios(): readonly Scenario[] {
  return (["enhanced", "basic", "feed"] as const).map((kind) => ({
    title: `${kind}: after a session that ran out (D14) a new login is enough to have data again`,
    settings: livelyFeed,
    async run({ server, open, logIn }) {
      const client = await open({ kind });
      await until("the first message", async () => wireData(await client.snapshot())[0]);
      server.expireSessions();
      server.resetStreams();
      await until("refusals", () => server.streamRequests().length > 2);
      await logIn();
      const loggedInMs = Date.now();
      await until(
        "data",
        async () => wireMessagesSince(await client.snapshot(), loggedInMs) > 0,
        10_000,
      );
    },
  }));
}
