// What tells a class that its stream is alive, or is not: the gateway's pulse and its named heartbeats.

import { expect } from "vitest";
import type { LineStage } from "../line.js";
import type { ProbeSnapshot } from "../probe.js";
import { type Scenario, until, wait } from "../stage.js";
import type { Way } from "./combinations.js";
import { alertsOf, kindFacts, member, wireData } from "./kinds.js";
import { alertRow, livelyFeed } from "./lifecycle.js";

type LineScenario = Scenario<LineStage>;

/** Silence on the line: the gateway announces a pulse, which only the drop-in can hear. */
export function lineSilenceScenarios({ transport }: Way): readonly LineScenario[] {
  const isHeard = transport === "throughline";
  return [
    {
      title: isHeard
        ? "C3 SSEClient gets data again after silence without any idle timeout set (D19)"
        : "C3 SSEClient does not notice a silent line: that takes the drop-in (D19)",
      settings: livelyFeed,
      async run({ server, line, open, lineRequests }) {
        const client = await open({ kind: "basic" });
        await until("the first message", async () => wireData(await client.snapshot())[0]);
        await line.set({ kind: "freeze", direction: "both" });
        await line.set({ kind: "pass" });
        server.rows.alerts.push(alertRow(1));
        if (!isHeard) {
          await wait(5000);
          expect(lineRequests()).toHaveLength(1);
          expect(alertsOf(await client.snapshot())).toEqual([]);
          return;
        }
        await until("the row", async () => alertsOf(await client.snapshot())[0], 5000);
        expect(alertsOf(await client.snapshot())).toEqual(["1"]);
      },
    },
  ];
}

/** Supervision by named heartbeats, in its real time: it takes the classes 45 s to complain. */
export function supervisionScenarios({ hasGateway }: Way): readonly LineScenario[] {
  const silent = (["basic", "campaign"] as const).map((kind): LineScenario => {
    const does = hasGateway ? "reports no heartbeat timeout" : "reports one on a healthy stream";
    return {
      title: `${kindFacts[kind].label} ${does} in its first 47 s (D19)`,
      settings: livelyFeed,
      async run({ open }) {
        const client = await open({ kind });
        await wait(47_000);
        const { emitted } = await client.snapshot();
        const alarms = emitted.filter(({ name }) => name === "heartbeat-timeout");
        // Its checks fall on the very limit: as today there may be a second.
        expect(alarms.length > 0).toBe(!hasGateway);
      },
    };
  });
  if (!hasGateway) return silent;
  const renewed: LineScenario = {
    title: "C1 EnhancedSSEClient has a second heartbeat within 31 s, and its field moves",
    settings: livelyFeed,
    async run({ open }) {
      const client = await open({ kind: "enhanced" });
      await until("the first", async () => heartbeats(await client.snapshot())[0]);
      await until("the second", async () => heartbeats(await client.snapshot())[1], 31_000);
      const snapshot = await client.snapshot();
      const [first = 0, second = 0] = heartbeats(snapshot);
      expect(second - first).toBeLessThan(30_500);
      expect(member(snapshot.status, "lastHeartbeat")).toBeGreaterThan(first + 20_000);
    },
  };
  return [...silent, renewed];
}

function heartbeats({ emitted }: ProbeSnapshot): readonly number[] {
  return emitted.filter(({ name }) => name === "heartbeat").map(({ atMs }) => atMs);
}
