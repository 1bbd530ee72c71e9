// Events that arrive together: a batch, or what many publishers send in the same moment.

import { inRounds } from "../harness/rounds.mjs";
import { presentServers } from "../harness/servers.mjs";
import { Stage } from "../harness/stage.mjs";
import { costTable } from "../report/tables.mjs";

export const name = "bursts";
export const title = "Bursts: a hundred events together";

const TOGETHER = 100;

export async function measure(run) {
  const readers = run.isQuick ? 100 : 1000;
  const results = await inRounds(run, presentServers(), async (given) => {
    await given.crowd.connect(given.server, readers);
    const { cpuPerDelivery, busy, faults } = await new Stage(given).deliverForAWhile(readers, {
      together: TOGETHER,
      seconds: run.isQuick ? 0.2 : 0.8,
    });
    return { cost: cpuPerDelivery, busy, faults };
  });
  return {
    text: `CPU time of the server per delivery, to ${readers} readers. nchan takes one event per request, and is sent a hundred requests in one piece; all others get a batch.`,
    goals: "at least 20 × nchan, 2 million deliveries a second and core",
    parts: [costTable(`${readers} readers, bursts of ${TOGETHER}`, results)],
  };
}
