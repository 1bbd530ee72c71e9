// `npm run deploy-test`: a rolling restart of two hubs under a crowd, behind a real proxy. Prints what the
// readers saw, and fails when one of them lost something, was given something twice, or was left behind.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { haproxy, nginx, withPorts } from "../proxies/index.js";
import { type DeployResult, runDeploy } from "./run-deploy.js";

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "5000" },
    proxy: { type: "string", default: "nginx" },
    configuration: { type: "string" },
    drain: { type: "string", default: "10" },
    clients: { type: "string", default: "handover" },
  },
});
const proxies = { nginx, haproxy };
const connections = whole("connections", values.connections);
const drainS = whole("drain", values.drain);
const proxy = oneOf("proxy", values.proxy, ["nginx", "haproxy"] as const);
const clients = oneOf("clients", values.clients, ["handover", "plain"] as const);
if (values.configuration === undefined) throw new Error("--configuration: expected a file.");
const configuration = readFileSync(values.configuration, "utf8");

const result = await runDeploy({
  proxy: proxies[proxy],
  config: (ports, hubs) => withPorts(configuration, ports, hubs),
  readers: connections,
  isHandingOver: clients === "handover",
  times: { noticeMs: 1000, drainMs: drainS * 1000, absentMs: 500, readyMs: 1500 },
});
process.stdout.write(describe(result));
process.exitCode = faults(result) > 0 ? 1 : 0;

function describe(seen: DeployResult): string {
  const { gapsMs, requestsPerSlot } = seen;
  const busy = requestsPerSlot.filter((count) => count > 0);
  return [
    `${seen.readers} readers behind ${proxy} (${clients}), both hubs restarted, drain ${drainS} s`,
    `took ${(seen.tookMs / 1000).toFixed(1)} s; ${seen.published} events published`,
    `longest time without a byte, per reader: p50 ${gapsMs.p50} ms, p99 ${gapsMs.p99} ms, worst ${gapsMs.worst} ms`,
    `events lost ${seen.lost}, missing at the end ${seen.missing}, twice ${seen.repeated}, gaps announced ${seen.announcedGaps}`,
    `requests ${seen.requests}; in the busiest 100 ms ${Math.max(0, ...busy)}, in ${busy.length} slots of 100 ms`,
    "",
  ].join("\n");
}

/** What must not happen to anybody. */
function faults({ lost, missing, repeated, announcedGaps }: DeployResult): number {
  return lost + missing + repeated + announcedGaps;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`--${name}: expected a whole number from 1, got "${text}".`);
}

function oneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new Error(`--${option}: expected ${names.join(" or ")}, got "${text}".`);
}
