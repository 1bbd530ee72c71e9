// A reader that comes back after a long time: everything since then, to it alone.

import { faultsOf } from "../harness/crowd.mjs";
import { inRounds } from "../harness/rounds.mjs";
import { DURABLE_HUB, presentServers } from "../harness/servers.mjs";
import { Stage } from "../harness/stage.mjs";
import { figuresTable } from "../report/tables.mjs";

export const name = "replay";
export const title = "Replay to one reader";

/** Events in one piece of publishing: what a batch of the hub may have. */
const BATCH = 1000;

export async function measure(run) {
  const missed = run.isQuick ? 10_000 : 100_000;
  const [hub, ...peers] = presentServers({ withCeiling: false });
  const servers = [hub, DURABLE_HUB, ...peers];
  const results = await inRounds(run, servers, async (given) => {
    const { server, crowd } = given;
    const stage = new Stage(given);
    const id = await stage.newestId();
    for (let left = missed; left > 0; left -= BATCH) await stage.publish(BATCH);
    const requests = [server.subscribe({ "Last-Event-ID": id })];
    // Twice: the first one finds code that has not run yet. Event 1 is the one whose id is shown.
    await crowd.seat(1, 2);
    const first = await crowd.reconnect(server, requests, missed);
    await crowd.drop();
    await crowd.seat(1, 2);
    const back = await crowd.reconnect(server, requests, missed);
    const faults = faultsOf(first) ?? faultsOf(back);
    return { rate: missed / back.tookMs / 1000, busy: back.busy, faults };
  });
  return {
    text: `${missed} events of 200 bytes, from the request until the last one has been read.`,
    goals: "at least 1 million events a second from memory, 300,000 from the embedded store",
    parts: [
      figuresTable("one reader", results, [
        { key: "rate", label: "million events/s", unit: "", isRated: true, isMoreBetter: true },
        { key: "busy", label: "reader busy", unit: "%" },
      ]),
    ],
  };
}
