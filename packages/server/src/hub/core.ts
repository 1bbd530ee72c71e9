// The inside of a hub: what the handlers of its requests share.

import { Connections } from "./connections.js";
import type { HubEnvironment } from "./environment.js";
import { Feeds } from "./feeds.js";
import { Bodies } from "./limits/bodies.js";
import { Refusals } from "./limits/refusals.js";
import { Throttle } from "./limits/throttle.js";
import { guardObserver, type HubObserver } from "./observer.js";
import type { HubSettings } from "./options.js";
import { Sessions } from "./sessions.js";
import { Turns } from "./turns.js";

export interface HubCore {
  readonly settings: HubSettings;
  /** Names this hub in the addresses of leases: behind one address there may be several. */
  readonly hubId: string;
  readonly environment: HubEnvironment;
  readonly feeds: Feeds;
  readonly connections: Connections;
  /** Who is told what happens; `undefined` costs nothing. */
  readonly observer: HubObserver | undefined;
  /** Where it is asked who may do what: by what rights requests are being served. */
  readonly sessions: Sessions | undefined;
  readonly refusals: Refusals;
  readonly throttle: Throttle;
  readonly bodies: Bodies;
  readonly turns: Turns;
  /** Whether the hub is shutting down, and takes nothing new. */
  isClosing: boolean;
}

/** Most of a stream in one page for one reader, and in one write to all: what a slow one may cost. */
export const PAGE = { events: 512, bytes: 64 * 1024 };

export function createCore(environment: HubEnvironment, settings: HubSettings): HubCore {
  const { log, heartbeatType, cache, onError } = settings;
  const observer = guardObserver(settings.observer, onError);
  const extents = { cache, page: PAGE, batch: PAGE };
  const feeds = new Feeds({ log, environment, heartbeatType, observer, ...extents });
  const connections = new Connections(settings, environment, feeds);
  const { access } = settings;
  const sessions =
    access === undefined
      ? undefined
      : new Sessions(access, environment, (error, stream) => {
          onError(error, { operation: "reauthorize", stream });
        });
  const refusals = new Refusals(settings, () => environment.random());
  const throttle = new Throttle(settings, environment, refusals);
  const bodies = new Bodies(settings, environment, refusals);
  return {
    settings,
    hubId: environment.newHubId(),
    environment,
    feeds,
    connections,
    observer,
    sessions,
    refusals,
    throttle,
    bodies,
    turns: new Turns(environment),
    isClosing: false,
  };
}
