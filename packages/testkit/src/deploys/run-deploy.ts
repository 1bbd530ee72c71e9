// One rolling restart under a crowd, behind a real proxy, from the first connection to the report.

import { parseStreamName } from "@throughline/server";
import { type ProxyKind, type ProxyPorts, startRealProxy } from "../proxies/index.js";
import { type CrowdReport, startCrowd } from "./crowd-process.js";
import { type RestartTimes, startHubPair } from "./rolling-restart.js";

/** What is done. */
export interface DeployOptions {
  readonly proxy: ProxyKind;
  /** The proxy's configuration, for two hubs. */
  readonly config: (ports: ProxyPorts, hubs: readonly [number, number]) => string;
  readonly readers: number;
  readonly isHandingOver: boolean;
  readonly times: RestartTimes;
}

/** What was seen. */
export interface DeployResult extends CrowdReport {
  /** How long both restarts took together, in milliseconds. */
  readonly tookMs: number;
  readonly published: number;
}

/** An event every so often: often enough to see a loss, and rarely enough for pulses to count. */
const PUBLISH_EVERY_MS = 500;

const STREAM = parseStreamName("news");

/** Restarts both hubs once. */
export async function runDeploy(options: DeployOptions): Promise<DeployResult> {
  const pair = await startHubPair();
  const crowd = startCrowd();
  let published = 0;
  let appended = Promise.resolve();
  const publish = () => {
    published += 1;
    const data = String(published);
    appended = appended.then(async () => {
      await pair.log.append(STREAM, [{ data }]);
    });
  };
  const { proxy, config, readers, isHandingOver, times } = options;
  const front = await startRealProxy(proxy, { config: (ports) => config(ports, pair.ports) });
  const timer = setInterval(publish, PUBLISH_EVERY_MS);
  try {
    await crowd.connect({ url: `${front.url}/streams/news`, readers, isHandingOver });
    crowd.measure();
    const begunMs = performance.now();
    await pair.restart(times);
    const tookMs = Math.round(performance.now() - begunMs);
    clearInterval(timer);
    await appended;
    return { ...(await crowd.report(published)), tookMs, published };
  } finally {
    clearInterval(timer);
    crowd.kill();
    await front.close();
    await pair.close();
  }
}
