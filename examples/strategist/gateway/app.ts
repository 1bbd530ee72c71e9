// The example over the real back end, put together.
//
//   browser ── front server ── link ── inner server ─┬─ gateway ─┬─ link ── Flask under gunicorn
//                  │                                 └── today ──┘               │
//                  └─ page, ledger, switches: never disturbed         story ── database

import { mkdir } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { join } from "node:path";
import { createEmbeddedLog, type EventLog } from "@throughline/server";
import { createGateway, type Gateway, PRESETS } from "@throughline/server/gateway";
import { createFaultProxy } from "@throughline/testkit";
import { accounts, type Backend, startBackend } from "../backend/launcher/start-backend.js";
import type { RunningExample } from "../server/command.js";
import {
  type CampaignRoads,
  campaignRoute,
  faultRoutes,
  ledgerRoute,
} from "../server/demo-routes.js";
import { FaultControl } from "../server/fault-control.js";
import { forward, type LinkTarget } from "../server/faulty-link.js";
import { createFrontServer } from "../server/front-server.js";
import { LOOPBACK, listen, portOf, stop, urlOf } from "../server/http-servers.js";
import { Ledger } from "../server/ledger.js";
import { linkFaults } from "../server/link-faults.js";
import { createScenario } from "../server/scenario/scenario.js";
import { loadStaticFiles } from "../server/static-files.js";
import { sourceFaults } from "./source-faults.js";
import { startStory } from "./story.js";

/** Where the example listens, and what it tells. */
export interface GatewayAppOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Where the gateway's log and the back end's database are kept. */
  readonly dataDirectory: string;
  /** The folder of the built page. */
  readonly webRoot: string;
  /** Seed of the story. */
  readonly seed: number;
  /** Told of failures that nobody is waiting for. */
  readonly onError: (error: unknown) => void;
}

/** What is as the application has it, and goes to the gateway. */
const API_PREFIX = "/api/";
/** The same paths below this go past the gateway, as they do today. */
const TODAY_PREFIX = "/today";
const FEED = "/api/v1/strategist/feed?ward=All&priority=all";

/** The back end says what is new once a second, and the browser comes back to it after three. */
const PACE = { lateAfterMs: 4000, onTheWayMs: 8000 };

/** Items that a page which opens is shown as history. */
const HISTORY = 500;

/** A logout is to be seen, and not a minute later. */
const CHECK_EVERY_MS = 5000;

/** How long the back end may go on with requests when it is asked to end. Seconds. */
const GRACEFUL_S = 1;

/** How long readers may take to leave on shutdown, and their last bytes. */
const DRAIN_MS = 500;
const FLUSH_MS = 500;

/**
 * Starts the example over Flask. Rejects where the port cannot be had, the page has not been built,
 * the data directory is in use, or there is no Python that has Flask and gunicorn.
 */
export async function startGatewayApp(options: GatewayAppOptions): Promise<RunningExample> {
  const { host, port, dataDirectory, webRoot, seed, onError } = options;
  const files = loadStaticFiles(webRoot);
  /** What has been started; it ends in the opposite order. */
  const ends: (() => Promise<unknown>)[] = [];
  const closing = new AbortController();
  const close = async () => {
    closing.abort();
    // Whatever fails to end, the rest has to.
    for (const end of ends.splice(0).reverse()) await end().catch(onError);
  };

  try {
    // The port is taken first: everything else takes seconds to find out that it is not free.
    let serve: RequestListener = (_, response) => {
      response.writeHead(503, { "retry-after": "1" }).end("The example is starting.\n");
    };
    const front = createServer((request, response) => serve(request, response));
    await listen(front, host, port);
    ends.push(() => stop(front, FLUSH_MS));

    // Locks the folder, also for the database beside it.
    await mkdir(dataDirectory, { recursive: true });
    const log = await createEmbeddedLog({ directory: join(dataDirectory, "log") });
    ends.push(() => log.close());
    const backend = await startBackend({
      database: join(dataDirectory, "backend.sqlite"),
      gracefulS: GRACEFUL_S,
    });
    ends.push(() => backend.close());

    const ledger = new Ledger();
    const story = await startStory({
      scenario: createScenario(seed),
      control: backend,
      ledger,
      onError,
    });
    ends.push(() => story.stop());

    const sourceLink = await createFaultProxy({ upstream: targetOf(backend.url) });
    ends.push(() => sourceLink.close());
    const gateway = createStrategistGateway(`http://${LOOPBACK}:${sourceLink.port}`, log, onError);
    const inner = createServer(listenerOf(gateway, { host: LOOPBACK, port: sourceLink.port }));
    await listen(inner, LOOPBACK, 0);
    ends.push(() => stop(inner, 0));
    const link = await createFaultProxy({ upstream: { host: LOOPBACK, port: portOf(inner) } });
    ends.push(() => link.close());

    const faults = new FaultControl(linkFaults(link), onError);
    const source = new FaultControl(sourceFaults(backend, sourceLink, closing.signal), onError);
    serve = createFrontServer({
      files,
      link: { host: LOOPBACK, port: link.port },
      isOverLink,
      routes: {
        ...campaignRoute(() => ROADS),
        ...ledgerRoute(ledger),
        ...faultRoutes("/demo/fault", faults),
        ...faultRoutes("/demo/source-fault", source),
      },
    });
    ends.push(async () => {
      await gateway.close({ withinMs: DRAIN_MS });
      // The last bytes are still on their way through the link.
      await stop(front, FLUSH_MS);
    });
    return { url: urlOf(front, host), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const ROADS: CampaignRoads = {
  feed: FEED,
  todaysFeed: `${TODAY_PREFIX}${FEED}`,
  analysis: "/api/v1/multimodel/strategist/stream/",
  account: { username: "strategist", password: accounts.strategist },
  hasSource: true,
  pace: PACE,
};

/**
 * The preset of the application, with what only whoever runs it can say: that everybody who is logged
 * in may read every ward, so that one connection to the back end is enough for all of them.
 */
function createStrategistGateway(
  upstream: string,
  log: EventLog,
  onError: (error: unknown) => void,
): Gateway {
  const preset = PRESETS["strategist-enhanced"];
  return createGateway({
    ...preset,
    routes: preset.routes.map((route) =>
      route.name === "feed"
        ? { ...route, identity: "shared" as const, fresh: { newest: HISTORY } }
        : route,
    ),
    check: preset.check && { ...preset.check, everyMs: CHECK_EVERY_MS },
    upstream,
    log,
    onError,
  });
}

function listenerOf(gateway: Gateway, backend: LinkTarget): RequestListener {
  return (request, response) => {
    const { url = "/" } = request;
    if (!url.startsWith(`${TODAY_PREFIX}/`)) gateway.handleNode(request, response);
    else {
      const path = url.slice(TODAY_PREFIX.length);
      // What a proxy of today answers for a back end that is away.
      forward(backend, path, request, response, (outgoing) => {
        outgoing.writeHead(502, { "content-type": "text/plain" }).end("Bad gateway\n");
      });
    }
  };
}

function isOverLink(_: IncomingMessage, { pathname }: URL): boolean {
  return pathname.startsWith(API_PREFIX) || pathname.startsWith(`${TODAY_PREFIX}${API_PREFIX}`);
}

function targetOf(url: Backend["url"]): LinkTarget {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
