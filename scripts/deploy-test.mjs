// `npm run deploy-test`: builds, then restarts two hubs one after the other under a crowd of readers, behind a
// real proxy. `npm run deploy-test -- --connections 5000 --proxy haproxy --drain 10 --clients plain`.

import { build } from "./build.mjs";
import { ensureProxies } from "./setup.mjs";
import { asCommand, CommandError, run } from "./steps.mjs";

const program = "packages/testkit/dist/deploys/main.js";
const configurations = { nginx: "deploy/nginx.conf", haproxy: "deploy/haproxy.cfg" };

async function deployTest() {
  await build();
  const options = process.argv.slice(2);
  const proxy =
    options.includes("haproxy") || options.includes("--proxy=haproxy") ? "haproxy" : "nginx";
  if ((await ensureProxies()).includes(proxy)) {
    throw new CommandError(`${proxy} is not installed.`, "");
  }
  await run(process.execPath, [program, "--configuration", configurations[proxy], ...options]);
}

await asCommand(import.meta.url, deployTest);
