// Runs servers in turn, round after round, each in a process that has just begun, so that whatever else the
// machine does hits all of them.

import { Crowd } from "./crowd.mjs";
import { Publisher } from "./publisher.mjs";

/**
 * Measures each of the servers once a round.
 *
 * @param measure gets `{ server, crowd, publisher, entry }` and returns figures by name
 * @returns the figures of all rounds by the server's name and the figure's
 */
export async function inRounds(run, servers, measure) {
  const results = new Map(servers.map(({ name }) => [name, {}]));
  for (let round = 0; round < run.rounds; round += 1) {
    for (const entry of servers) {
      const beganMs = performance.now();
      const server = await entry.start(run);
      const crowd = new Crowd(run.children);
      let publisher;
      try {
        publisher = await Publisher.connect(server.port);
        const figures = await measure({ server, crowd, publisher, entry });
        note(run, results.get(entry.name), figures, entry);
      } finally {
        publisher?.close();
        await crowd.end();
        await server.stop();
      }
      const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
      console.error(`  ${run.title}, round ${round + 1}: ${entry.name}, ${seconds} s`);
    }
  }
  return results;
}

function note(run, all, { faults, ...figures }, { name }) {
  if (faults !== undefined) run.faults.push(`${run.title}, ${name}: ${faults}`);
  for (const [figure, value] of Object.entries(figures)) {
    all[figure] ??= [];
    all[figure].push(value);
  }
}
