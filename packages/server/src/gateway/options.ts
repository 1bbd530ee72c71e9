// What a gateway is told as a whole. Routes have a page of their own.

import type { CorsOptions, HubErrorListener, HubObserver, LimitOptions } from "../hub/index.js";
import type { EventLog } from "../log/index.js";
import type { GatewayRoute, JsonPath, ValueRule } from "./route.js";

/** What tells one person's requests from those of another. Nothing else of a request is shown upstream. */
export interface IdentityRules {
  /** Names of cookies. */
  readonly cookies: readonly string[];
  /** Names of headers, in any case. */
  readonly headers: readonly string[];
}

/** A cheap request that tells whether somebody may read. */
export interface CheckRules {
  /** Path and query at the backend, asked with GET and with the identity of the reader. */
  readonly path: string;
  /**
   * What its JSON answer has to say; `undefined`: a status from 200 to 299 is enough. Redirects, 401 and
   * 403 always mean no.
   */
  readonly expect?: Readonly<Record<JsonPath, ValueRule>> | undefined;
  /** Milliseconds that it may take. */
  readonly withinMs: number;
  /** While readers are served they are asked about again after so long; 0 for never. Milliseconds. */
  readonly everyMs: number;
  /**
   * Whoever was let in so recently is let in while the backend cannot be asked. Milliseconds.
   */
  readonly graceMs: number;
}

/** How to set up a gateway. */
export interface GatewayOptions extends Pick<LimitOptions, "trustedProxies" | "forwardedHeader"> {
  /** Origin of the backend, such as `http://127.0.0.1:5000`. */
  readonly upstream: string;
  readonly routes: readonly GatewayRoute[];
  readonly identity: IdentityRules;
  /** How rights are checked; `undefined`: by the backend's answer to the stream's own request. */
  readonly check?: CheckRules | undefined;
  /** Where streams are kept. It belongs to the caller, who closes it after the gateway. */
  readonly log: EventLog;
  /** Most of the backend's threads that may be busy with streams. Default 4. */
  readonly maxUpstreams?: number | undefined;
  /** Most readers at a time. Default 10 000. */
  readonly maxConnections?: number | undefined;
  readonly cors?: CorsOptions | undefined;
  readonly observer?: HubObserver | undefined;
  readonly onError?: HubErrorListener | undefined;
}
