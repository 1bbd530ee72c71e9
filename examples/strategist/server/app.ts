// The whole example, put together.
//
//   browser ── front server ── faulty link ── inner server: the hub, and today's endpoint
//                  │
//                  └─ page, ledger, fault switch: never disturbed

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createEmbeddedLog, createHub, parseStreamName } from "@throughline/server";
import { createFaultProxy } from "@throughline/testkit";
import { createAnalysisDesk } from "./analysis.js";
import { FaultControl } from "./fault-control.js";
import { startFeed } from "./feed-runner.js";
import { createFrontServer } from "./front-server.js";
import { Ledger } from "./ledger.js";
import { createMessageWriter } from "./messages.js";
import { createPublisher, FEED_STREAM } from "./publisher.js";
import { recallStored } from "./recall.js";
import { createScenario } from "./scenario/scenario.js";
import { loadStaticFiles } from "./static-files.js";
import { createTodaysEndpoint } from "./todays-endpoint.js";

/** Where the example listens, and what it tells. */
export interface AppOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Where the feed is kept. The story goes on there after a restart. */
  readonly dataDirectory: string;
  /** The folder of the built page. */
  readonly webRoot: string;
  /** Seed of the story. */
  readonly seed: number;
  /** Told of failures that nobody is waiting for. */
  readonly onError: (error: unknown) => void;
}

/** The running example. */
export interface App {
  /** `http://host:port/`. */
  readonly url: string;
  /** Tells readers to leave, then closes every socket. Closing again does nothing more. */
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";

/** Items told before the first page is served: most of a day of the campaign. */
const HEAD_START = 700;

/** How long readers may take to leave on shutdown. */
const DRAIN_MS = 500;
/** How long their last bytes may take, which they do not where the link is frozen. */
const FLUSH_MS = 500;

/**
 * Starts the example. Rejects where the port cannot be had, the page has not been built, or the
 * folder for the feed cannot be used.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { host, port, dataDirectory, webRoot, seed, onError } = options;
  const files = loadStaticFiles(webRoot);

  const log = await createEmbeddedLog({ directory: dataDirectory });
  const stored = await log.head(parseStreamName(FEED_STREAM));
  const hub = createHub({ log, basePath: "/live" });
  const endpoint = createTodaysEndpoint();
  const inner = createServer((request, response) => {
    if (request.url?.startsWith("/live/") === true) hub.handleNode(request, response);
    else endpoint.handle(request, response);
  });
  await listen(inner, LOOPBACK, 0);

  const proxy = await createFaultProxy({ upstream: { host: LOOPBACK, port: portOf(inner) } });
  const ledger = new Ledger();
  const desk = createAnalysisDesk(hub, onError);
  const faults = new FaultControl(proxy, onError);
  const publish = recallStored(stored, ledger, createPublisher({ hub, endpoint, ledger }));
  const feed = await startFeed({
    scenario: createScenario(seed),
    write: createMessageWriter(),
    publish: (item) => {
      desk.observe(item);
      return publish(item);
    },
    headStart: Math.max(HEAD_START, stored.offset),
    onError,
  });

  const link = { host: LOOPBACK, port: proxy.port };
  const front = createServer(createFrontServer({ files, ledger, faults, desk, link }));

  async function close(): Promise<void> {
    feed.stop();
    desk.stop();
    endpoint.close();
    await hub.close({ withinMs: DRAIN_MS });
    // The last bytes are still on their way through the link: the front goes first, then what is
    // behind it.
    await stop(front, FLUSH_MS);
    await proxy.close();
    await stop(inner, 0);
    await log.close();
  }

  try {
    await listen(front, host, port);
  } catch (error) {
    await close();
    throw error;
  }
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${shownHost}:${portOf(front)}/`, close };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Stops listening, lets responses end for as long as given, then closes every connection. */
function stop(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), withinMs);
    // A connection that is kept alive for more requests would be waited for.
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    // A server that never listened reports an error here, which is as good as closed.
    server.close(() => {
      clearTimeout(force);
      clearInterval(sweep);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
