// The demonstration's own endpoints: what the page is told before it opens the feed, the ledger that
// it counts against, and the switches of what can be broken.

import type { FaultControl } from "./fault-control.js";
import type { Routes } from "./front-server.js";
import { RequestError, readJsonObject, sendJson } from "./json-http.js";
import type { Ledger } from "./ledger.js";
import { cityName, ownParty, wards } from "./scenario/city.js";

/** Where the page finds what, and what it has to expect. */
export interface CampaignRoads {
  /** The feed for Throughline. */
  readonly feed: string;
  /** The cursor after which the feed begins; without it, where the server begins by itself. */
  readonly replayFrom?: string | undefined;
  /** The feed of today, for the browser's own `EventSource`. */
  readonly todaysFeed: string;
  /** What a ward's name follows in the address of its analysis; without it, analyses are started. */
  readonly analysis?: string | undefined;
  /** An account to log in with, where a login is needed. */
  readonly account?: { readonly username: string; readonly password: string } | undefined;
  /** Whether what fills the feed can be broken as well: `/demo/source-fault`. */
  readonly hasSource: boolean;
  /** An item that took longer came late; one that is due for longer is missing. Milliseconds. */
  readonly pace: { readonly lateAfterMs: number; readonly onTheWayMs: number };
}

/** What a page which opens is told. */
export function campaignRoute(roads: () => CampaignRoads): Routes {
  return {
    "GET /demo/campaign": (_, response) =>
      sendJson(response, 200, {
        city: cityName,
        party: ownParty,
        wards: wards.map(({ slug, name, number }) => ({ slug, name, number })),
        ...roads(),
      }),
  };
}

/** The ledger, from a moment on. */
export function ledgerRoute(ledger: Ledger): Routes {
  return {
    "GET /demo/ledger": (_, response, url) => {
      const sinceMs = Number(url.searchParams.get("since") ?? 0);
      if (!Number.isFinite(sinceMs)) {
        throw new RequestError(400, "since must be a time in milliseconds since 1970.");
      }
      sendJson(response, 200, { nowMs: Date.now(), ...ledger.since(sinceMs) });
    },
  };
}

/** The switch of something that can be broken, at a path. */
export function faultRoutes(path: string, faults: FaultControl): Routes {
  return {
    [`GET ${path}`]: (_, response) => sendJson(response, 200, faults.status()),

    [`POST ${path}`]: async (request, response) => {
      const { fault } = await readJsonObject(request);
      if (fault === null) {
        faults.recover();
        sendJson(response, 200, faults.status());
      } else if (faults.offers(fault)) {
        sendJson(response, faults.start(fault) ? 200 : 409, faults.status());
      } else {
        throw new RequestError(400, "fault must be the name of a fault, or null to recover now.");
      }
    },
  };
}
