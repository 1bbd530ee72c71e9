// Starts the strategist example: `node dist/server/main.js`, with PORT, HOST and DATA_DIR from the
// environment.

import { fileURLToPath } from "node:url";
import { startApp } from "./app.js";
import { runCommand } from "./command.js";

/** The seed of the story. */
const SEED = 20_261_207;

await runCommand(fileURLToPath(new URL("../../throughline-data", import.meta.url)), (place) =>
  startApp({ ...place, webRoot: fileURLToPath(new URL("../web", import.meta.url)), seed: SEED }),
);
