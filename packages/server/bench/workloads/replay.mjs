// A reader that comes back after a long time: everything since then, to it alone.

import { cpuMicros } from "../harness/cpu.mjs";
import { faultsOf } from "../harness/crowd.mjs";
import { inRounds } from "../harness/rounds.mjs";
import { DURABLE_HUB, presentServers } from "../harness/servers.mjs";
import { Stage } from "../harness/stage.mjs";
import { figuresTable } from "../report/tables.mjs";

export const name = "replay";
export const title = "Replay to one reader";

/** Events in one piece of publishing: what a batch of the hub may have. */
const BATCH = 1000;

const MANY = 100_000;

/** For nchan, which looks for each next message from the beginning: many would take it minutes. */
const FEW = 5000;

export async function measure(run) {
  const [hub, ...peers] = presentServers({ withCeiling: false });
  const servers = [hub, DURABLE_HUB, ...peers];
  const results = await inRounds(run, servers, async (given) => {
    const { server, crowd, entry } = given;
    const missed = run.isQuick || entry.name === "nchan" ? FEW : MANY;
    const stage = new Stage(given);
    const id = await stage.newestId();
    for (let left = missed; left > 0; left -= BATCH) await stage.publish(BATCH);
    const requests = [server.subscribe({ "Last-Event-ID": id })];
    // Twice: the first one finds code that has not run yet. Event 1 is the one whose id is shown.
    await crowd.seat(1, 2);
    const first = await crowd.reconnect(server, requests, missed);
    await crowd.drop();
    await crowd.seat(1, 2);
    const pids = server.pids();
    const before = cpuMicros(pids);
    const back = await crowd.reconnect(server, requests, missed);
    const cost = (cpuMicros(pids) - before) / missed;
    const faults = faultsOf(first) ?? faultsOf(back);
    return { rate: missed / back.tookMs / 1000, perCore: 1 / cost, busy: back.busy, faults };
  });
  return {
    text: `${MANY} events of 200 bytes (nchan: ${FEW}), from the request until the last one has been read; and what that is for each second of CPU time that the server used.`,
    goals: "at least 1 million events a second from memory, 300,000 from the embedded store",
    parts: [
      figuresTable("one reader", results, [
        { key: "rate", label: "million events a second", unit: "" },
        {
          key: "perCore",
          label: "million events a second and core",
          unit: "",
          isRated: true,
          isMoreBetter: true,
        },
        { key: "busy", label: "reader busy", unit: "%" },
      ]),
    ],
  };
}
