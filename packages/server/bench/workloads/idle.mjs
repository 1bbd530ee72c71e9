// Readers to whom nothing happens: what each takes in memory, and what keeping all of them alive costs.

import { cpuMicros, residentBytes } from "../harness/cpu.mjs";
import { inRounds } from "../harness/rounds.mjs";
import { presentServers } from "../harness/servers.mjs";
import { figuresTable } from "../report/tables.mjs";

export const name = "idle";
export const title = "Ten thousand readers at rest";

export async function measure(run) {
  const readers = run.isQuick ? 1000 : 10_000;
  const results = await inRounds(run, presentServers(), async ({ server, crowd }) => {
    const before = residentBytes(server.pids());
    await crowd.connect(server, readers);
    await pause(run.isQuick ? 150 : 1500);
    const pids = server.pids();
    const cpuBefore = cpuMicros(pids);
    const beganMs = performance.now();
    await pause(run.isQuick ? 500 : 4000);
    const share = (cpuMicros(pids) - cpuBefore) / 1000 / (performance.now() - beganMs);
    // Last, so that what the pulses allocate counts.
    const kilobytes = (residentBytes(pids) - before) / readers / 1000;
    return { kilobytes, share };
  });
  return {
    text: `Growth of the server's resident memory per connection, 5 s after ${readers} have come, without asking for a collection; and its CPU time meanwhile. Throughline and nchan write to each connection once a second; the others write nothing.`,
    goals: "at most 6 KB; at most 10 % of a core",
    parts: [
      figuresTable(`${readers} readers`, results, [
        { key: "kilobytes", label: "memory each", unit: "KB", isRated: true },
        { key: "share", label: "of a core", unit: "%" },
      ]),
    ],
  };
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
