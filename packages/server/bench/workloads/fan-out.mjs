// One event at a time to many readers: what everybody does, and what a delivery costs.

import { inRounds } from "../harness/rounds.mjs";
import { presentServers } from "../harness/servers.mjs";
import { Stage } from "../harness/stage.mjs";
import { costTable } from "../report/tables.mjs";

export const name = "fan-out";
export const title = "Fan-out: one event at a time";

export async function measure(run) {
  const parts = [];
  for (const readers of run.isQuick ? [200] : [1000, 5000]) {
    const results = await inRounds(run, presentServers(), async (given) => {
      await given.crowd.connect(given.server, readers);
      const stage = new Stage(given);
      const { cpuPerDelivery, busy, faults } = await stage.deliverForAWhile(readers, {
        seconds: run.isQuick ? 0.2 : 0.8,
      });
      return { cost: cpuPerDelivery, busy, faults };
    });
    parts.push(costTable(`${readers} readers`, results));
  }
  return {
    text: "CPU time of the server per delivery of an event of 200 bytes, each published by a request of its own.",
    goals: "at least 1.3 × nchan, 2 × better-sse, 70 % of the C program's",
    parts,
  };
}
