// The back end by hand, with a story that is told while it runs. `PORT` chooses the port (5000),
// `FEED_GENERATION` the generation of the feed, `DATABASE` a file that is kept.

import { createScenario } from "../../server/scenario/scenario.js";
import { startFeeder } from "./feeder.js";
import { accounts, startBackend } from "./start-backend.js";

const HEAD_START = 40;

const { PORT = "5000", FEED_GENERATION, DATABASE } = process.env;

const backend = await startBackend({
  port: Number(PORT),
  generation: FEED_GENERATION === "first" ? "first" : "enhanced",
  database: DATABASE,
});
const feeder = await startFeeder({
  scenario: createScenario(Date.now() % 1_000_000),
  control: backend,
  headStart: HEAD_START,
  onError: (error) => {
    process.stderr.write(`The story has stopped: ${error}\n`);
  },
});
process.stdout.write(`Strategist back end: ${backend.url} (control: ${backend.controlUrl})\n`);
for (const [name, password] of Object.entries(accounts)) {
  process.stdout.write(`  log in as ${name} with ${password}\n`);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await feeder.stop();
    await backend.close();
  });
}
