// Starts the strategist example over its Flask back end: `node dist/gateway/main.js`, with PORT, HOST
// and DATA_DIR from the environment. `npm run start:strategist` installs what it needs before.

import { fileURLToPath } from "node:url";
import { runCommand } from "../server/command.js";
import { startGatewayApp } from "./app.js";

/** The seed of the story. */
const SEED = 20_261_207;

await runCommand(fileURLToPath(new URL("../../strategist-data", import.meta.url)), (place) =>
  startGatewayApp({
    ...place,
    webRoot: fileURLToPath(new URL("../web", import.meta.url)),
    seed: SEED,
  }),
);
