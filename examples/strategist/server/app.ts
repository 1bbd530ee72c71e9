// The whole example, put together.
//
//   browser ── front server ── faulty link ── inner server: the hub, and today's endpoint
//                  │
//                  └─ page, ledger, fault switch: never disturbed

import { createServer, type IncomingMessage } from "node:http";
import { createEmbeddedLog, createHub, parseStreamName } from "@throughline/server";
import { createFaultProxy } from "@throughline/testkit";
import { createAnalysisDesk } from "./analysis.js";
import { analysisRoute } from "./analysis-route.js";
import { campaignRoute, faultRoutes, ledgerRoute } from "./demo-routes.js";
import { FaultControl } from "./fault-control.js";
import { startFeed } from "./feed-runner.js";
import { createFrontServer } from "./front-server.js";
import { LOOPBACK, listen, portOf, stop, urlOf } from "./http-servers.js";
import { Ledger } from "./ledger.js";
import { linkFaults } from "./link-faults.js";
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

/** Items told before the first page is served: most of a day of the campaign. */
const HEAD_START = 700;

/** Items that a page which opens is shown as history. */
const HISTORY = 500;

const LIVE_PREFIX = "/live/";
const TODAYS_FEED = "/api/v1/strategist/feed";

/** Items are pushed: what takes longer than this waited for something. */
const PACE = { lateAfterMs: 1200, onTheWayMs: 2500 };

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
  const hub = createHub({ log, basePath: LIVE_PREFIX.slice(0, -1) });
  const endpoint = createTodaysEndpoint();
  const inner = createServer((request, response) => {
    if (request.url?.startsWith(LIVE_PREFIX) === true) hub.handleNode(request, response);
    else endpoint.handle(request, response);
  });
  await listen(inner, LOOPBACK, 0);

  const proxy = await createFaultProxy({ upstream: { host: LOOPBACK, port: portOf(inner) } });
  const ledger = new Ledger();
  const desk = createAnalysisDesk(hub, onError);
  const faults = new FaultControl(linkFaults(proxy), onError);
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

  const front = createServer(
    createFrontServer({
      files,
      link: { host: LOOPBACK, port: proxy.port },
      isOverLink: isStreaming,
      routes: {
        ...campaignRoute(() => ({
          feed: `${LIVE_PREFIX}streams/${FEED_STREAM}`,
          replayFrom: ledger.cursorBefore(HISTORY),
          todaysFeed: `${TODAYS_FEED}?ward=All&priority=all`,
          hasSource: false,
          pace: PACE,
        })),
        ...ledgerRoute(ledger),
        ...faultRoutes("/demo/fault", faults),
        ...analysisRoute(desk),
      },
    }),
  );

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
  return { url: urlOf(front, host), close };
}

/**
 * Requests that go over the link. The hub also takes events from publishers over HTTP; that is
 * nothing for a browser to do here.
 */
function isStreaming({ method }: IncomingMessage, { pathname }: URL): boolean {
  if (pathname === TODAYS_FEED) return method === "GET";
  if (pathname.startsWith(`${LIVE_PREFIX}streams/`)) return method === "GET";
  return pathname.startsWith(`${LIVE_PREFIX}leases/`) && method === "POST";
}
