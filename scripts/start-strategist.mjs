// `npm run start:strategist`: the dashboard of the strategist example over its Flask back end, with the
// gateway between them. Installs what is missing (npm's packages, Flask and gunicorn), builds what has
// changed, and runs all of it. `PORT`, `HOST` and `DATA_DIR` go through to its server.

import { build } from "./build.mjs";
import { ensureFlask } from "./python.mjs";
import { serve } from "./start.mjs";
import { asCommand, CommandError, say } from "./steps.mjs";

const server = "examples/strategist/dist/gateway/main.js";

async function start() {
  await build();
  const flask = await ensureFlask();
  if ("missing" in flask) throw new CommandError(explain(flask.missing), "");
  say("▸ Start the strategist example over Flask (Ctrl+C ends it)");
  process.exitCode = await serve(server);
}

/** @param {string} missing */
function explain(missing) {
  return (
    `The back end of this example is written in Python, and there is ${missing}.\n` +
    "Install Python 3.10 or later with its venv module (Debian: apt-get install python3-venv), or name a\n" +
    "Python that has both: FLASK_PYTHON_PATH=/path/to/python. Without Python: npm start"
  );
}

await asCommand(import.meta.url, start);
