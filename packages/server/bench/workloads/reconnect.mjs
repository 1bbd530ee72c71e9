// All readers are dropped at once, miss ten events, and come back at once.

import { cpuMicros } from "../harness/cpu.mjs";
import { faultsOf } from "../harness/crowd.mjs";
import { inRounds } from "../harness/rounds.mjs";
import { presentServers } from "../harness/servers.mjs";
import { Stage } from "../harness/stage.mjs";
import { figuresTable } from "../report/tables.mjs";

export const name = "reconnect";
export const title = "Everybody dropped at once";

const MISSED = 10;

export async function measure(run) {
  const readers = run.isQuick ? 300 : 5000;
  const results = await inRounds(run, presentServers(), async (given) => {
    const { server, crowd } = given;
    const stage = new Stage(given);
    await crowd.connect(server, readers);
    const warmUp = await stage.deliver(readers, { turns: 5 });
    await crowd.expect(readers);
    const first = await dropAll(given, stage, readers);
    const again = await dropAll(given, stage, readers);
    const faults = warmUp.faults ?? first.faults ?? again.faults;
    return { ...first, again: again.seconds, faults };
  });
  return {
    text: `${readers} connections are reset, ${MISSED} events are published, and all connect again with the id that they saw last, at the same moment: until the last one has the last event that it has missed. Then one more event reaches all of them. All that once more: the first time, much of the code is compiled.`,
    goals: "at most 0.6 s; at least 2 × faster than nchan",
    parts: [
      figuresTable(`${readers} readers`, results, [
        { key: "seconds", label: "all back after", unit: "s", isRated: true },
        { key: "again", label: "the second time", unit: "s" },
        { key: "cpu", label: "CPU per reader", unit: "ms" },
        { key: "busy", label: "readers busy", unit: "%" },
      ]),
    ],
  };
}

/** Drops everybody, and waits until all are back and live. */
async function dropAll({ server, crowd }, stage, readers) {
  const id = await stage.newestId();
  await crowd.finish();
  await crowd.drop();
  await stage.publish(MISSED);
  const pids = server.pids();
  const before = cpuMicros(pids);
  const requests = [server.subscribe({ "Last-Event-ID": id })];
  const back = await crowd.reconnect(server, requests, readers * MISSED);
  const cpu = (cpuMicros(pids) - before) / 1000 / readers;
  // Who has what it missed is live: it gets what comes next, once.
  const after = await stage.deliver(readers, { turns: 1 });
  const faults = faultsOf(back) ?? after.faults;
  return { seconds: back.tookMs / 1000, cpu, busy: back.busy, faults };
}
