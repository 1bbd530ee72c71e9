// How many events a server takes: one per request, in batches, and with each acknowledged only when it is on
// disk. Nobody reads them.

import { cpuMicros } from "../harness/cpu.mjs";
import { eventsFrom } from "../harness/events.mjs";
import { Publisher } from "../harness/publisher.mjs";
import { inRounds } from "../harness/rounds.mjs";
import { DURABLE_HUB, MEMORY_HUB, presentServers } from "../harness/servers.mjs";
import { figuresTable } from "../report/tables.mjs";

export const name = "publish";
export const title = "Publishing";

/** Each publishes the next event when the last one has been acknowledged. */
const PUBLISHERS = 64;

const BATCH = 500;

export async function measure(run) {
  const peers = presentServers({ withCeiling: false });
  const single = await inRounds(run, [...peers, DURABLE_HUB], (given) => publishing(run, given, 1));
  const batched = await inRounds(run, [MEMORY_HUB, DURABLE_HUB], (given) =>
    publishing(run, given, BATCH),
  );
  const figures = [
    { key: "rate", label: "events a second", unit: "", isRated: true, isMoreBetter: true },
    { key: "cost", label: "CPU per event", unit: "µs" },
    { key: "share", label: "of a core", unit: "%" },
  ];
  return {
    text: `${PUBLISHERS} connections, each of which sends the next request when the last one has been answered; events of 200 bytes. The embedded store answers when the events are on disk.`,
    goals: "at least 25,000 a second one by one, 300,000 in batches, 20,000 acknowledged on disk",
    parts: [
      figuresTable("One event per request", single, figures),
      figuresTable(`${BATCH} events per request`, batched, figures),
    ],
  };
}

async function publishing(run, { server }, together) {
  const publishers = await Promise.all(
    Array.from({ length: PUBLISHERS }, () => Publisher.connect(server.port)),
  );
  // Made before: what the publishers need is not what is measured.
  const requests = server.publish(eventsFrom(1, together));
  const phase = async (ms) => {
    const pids = server.pids();
    const before = cpuMicros(pids);
    const beganMs = performance.now();
    let requestsSent = 0;
    const publish = async (publisher) => {
      while (performance.now() - beganMs < ms) {
        await publisher.send(requests);
        requestsSent += 1;
      }
    };
    await Promise.all(publishers.map(publish));
    const seconds = (performance.now() - beganMs) / 1000;
    const events = requestsSent * together;
    const cpu = cpuMicros(pids) - before;
    return { rate: events / seconds, cost: cpu / events, share: cpu / 1e6 / seconds };
  };
  await phase(run.isQuick ? 200 : 1500);
  const measured = await phase(run.isQuick ? 300 : 1000);
  for (const publisher of publishers) publisher.close();
  return measured;
}
