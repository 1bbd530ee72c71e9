// How long after its publication an event is at its readers, at a rate that leaves the server time.

import { inRounds } from "../harness/rounds.mjs";
import { presentServers } from "../harness/servers.mjs";
import { Stage } from "../harness/stage.mjs";
import { figuresTable } from "../report/tables.mjs";

export const name = "latency";
export const title = "Latency";

const CASES = [
  { readers: 5000, perSecond: 10 },
  { readers: 1000, perSecond: 100 },
];
const QUICK_CASES = [{ readers: 200, perSecond: 50 }];

export async function measure(run) {
  const parts = [];
  for (const { readers, perSecond } of run.isQuick ? QUICK_CASES : CASES) {
    const results = await inRounds(run, presentServers(), async (given) => {
      await given.crowd.connect(given.server, readers);
      const stage = new Stage(given);
      const everyMs = 1000 / perSecond;
      const warmUp = await stage.deliver(readers, { turns: 20 });
      const turns = Math.round(perSecond * (run.isQuick ? 0.5 : 2));
      const paced = await stage.deliver(readers, { turns, everyMs, withDelays: true });
      const { p50, p99, most } = paced.delays;
      return { p50, p99, most, busy: paced.busy, faults: warmUp.faults ?? paced.faults };
    });
    parts.push(
      figuresTable(`${readers} readers, ${perSecond} events a second`, results, [
        { key: "p50", label: "p50", unit: "ms" },
        { key: "p99", label: "p99", unit: "ms", isRated: true },
        { key: "most", label: "slowest", unit: "ms" },
        { key: "busy", label: "readers busy", unit: "%" },
      ]),
    );
  }
  return {
    text: "From the moment before publishing to the reading of each single reader. The readers are one process, which reads them one after the other: its time is part of the figure, for all servers alike.",
    goals: "p99 not above nchan's",
    parts,
  };
}
