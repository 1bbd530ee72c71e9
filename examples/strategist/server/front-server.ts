// What the browser talks to: the page, the demonstration's own endpoints, and, over the link that
// can be broken, everything that streams.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AnalysisDesk, Depth } from "./analysis.js";
import { type FaultControl, isFaultName } from "./fault-control.js";
import { forward, type LinkTarget } from "./faulty-link.js";
import { RequestError, readJsonObject, sendJson } from "./json-http.js";
import type { Ledger } from "./ledger.js";
import { cityName, findWard, ownParty, wards } from "./scenario/city.js";
import type { StaticFiles } from "./static-files.js";

/** What the front server hands requests to. */
export interface FrontServerParts {
  readonly files: StaticFiles;
  readonly ledger: Ledger;
  readonly faults: FaultControl;
  readonly desk: AnalysisDesk;
  /** Where the link begins that leads to the streams. */
  readonly link: LinkTarget;
}

/** Items that a page which opens is shown as history. */
const HISTORY = 500;

const LIVE_PREFIX = "/live/";
const TODAYS_FEED = "/api/v1/strategist/feed";

/** Builds the request listener of the front server. */
export function createFrontServer(parts: FrontServerParts): RequestListener {
  const { files, ledger, faults, desk, link } = parts;

  const routes: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse, url: URL) => unknown>
  > = {
    "GET /demo/campaign": (_, response) =>
      sendJson(response, 200, {
        city: cityName,
        party: ownParty,
        wards: wards.map(({ slug, name, number }) => ({ slug, name, number })),
        replayFrom: ledger.cursorBefore(HISTORY),
      }),

    "GET /demo/ledger": (_, response, url) => {
      const sinceMs = Number(url.searchParams.get("since") ?? 0);
      if (!Number.isFinite(sinceMs)) {
        throw new RequestError(400, "since must be a time in milliseconds since 1970.");
      }
      sendJson(response, 200, { nowMs: Date.now(), ...ledger.since(sinceMs) });
    },

    "GET /demo/fault": (_, response) => sendJson(response, 200, faults.status()),

    "POST /demo/fault": async (request, response) => {
      const { fault } = await readJsonObject(request);
      if (fault === null) {
        faults.recover();
        sendJson(response, 200, faults.status());
      } else if (isFaultName(fault)) {
        sendJson(response, faults.start(fault) ? 200 : 409, faults.status());
      } else {
        throw new RequestError(400, "fault must be the name of a fault, or null to recover now.");
      }
    },

    "POST /api/v1/strategist/analyze": async (request, response) => {
      const { ward: name, depth } = await readJsonObject(request);
      const ward = typeof name === "string" ? findWard(name) : undefined;
      if (ward === undefined) throw new RequestError(400, "ward must be the name of a ward.");
      if (!isDepth(depth)) throw new RequestError(400, "depth must be quick, standard or deep.");
      const started = await desk.start(ward, depth);
      if (started === undefined) {
        throw new RequestError(409, `An analysis of ${ward.name} is running already.`);
      }
      sendJson(response, 202, started);
    },
  };

  return (request, response) => {
    const url = new URL(request.url ?? "/", "http://front");
    if (isStreaming(request, url)) {
      forward(link, url.pathname + url.search, request, response);
      return;
    }
    const route = routes[`${request.method} ${url.pathname}`];
    if (route === undefined) files(request, response);
    else answer(route, request, response, url);
  };
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

async function answer(
  route: (request: IncomingMessage, response: ServerResponse, url: URL) => unknown,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  try {
    await route(request, response, url);
  } catch (error) {
    const known = error instanceof RequestError;
    if (!known) console.error(`${request.method} ${url.pathname} failed:`, error);
    if (response.headersSent) response.destroy();
    else {
      sendJson(response, known ? error.status : 500, {
        error: known ? error.message : "This is a defect of the example; see the server's output.",
      });
    }
  }
}

function isDepth(value: unknown): value is Depth {
  return value === "quick" || value === "standard" || value === "deep";
}
