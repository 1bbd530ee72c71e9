// What a gateway is told as a whole. Routes have a page of their own.

import type {
  CorsOptions,
  HubErrorContext,
  HubErrorListener,
  HubObserver,
  HubOptions,
  LimitOptions,
} from "../hub/index.js";
import { integerOption, invalidOption } from "../hub/option-checks.js";
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
  /**
   * How rights are checked. `undefined`: by the backend's answer to the stream's own request, which
   * cannot be for streams that are shared.
   */
  readonly check?: CheckRules | undefined;
  /** Where streams are kept. It belongs to the caller, who closes it after the gateway. */
  readonly log: EventLog;
  /**
   * Most of the backend's threads that may be busy with streams. Default 4: half of what a gunicorn of
   * 2 × 4 has.
   */
  readonly maxUpstreams?: number | undefined;
  /** Most readers at a time. Default 10 000. */
  readonly maxConnections?: number | undefined;
  readonly cors?: CorsOptions | undefined;
  readonly observer?: HubObserver | undefined;
  /** Told of every failure. Default: `console.error`, one line without payloads. */
  readonly onError?: HubErrorListener | undefined;
}

/** Options with everything decided. */
export interface GatewaySettings {
  readonly upstream: URL;
  readonly routes: readonly GatewayRoute[];
  readonly identity: IdentityRules;
  readonly check: CheckRules | undefined;
  readonly log: EventLog;
  readonly maxUpstreams: number;
  readonly hubOptions: Omit<HubOptions, "log">;
  readonly onError: HubErrorListener;
}

/**
 * Applies the defaults and checks every option; routes are checked by their table.
 *
 * @throws StreamError `invalid-option`
 */
export function resolveGatewayOptions(options: GatewayOptions): GatewaySettings {
  const { routes, identity, check, log, cors, observer } = options;
  const { trustedProxies, forwardedHeader } = options;
  const shared = routes.find((route) => route.identity === "shared" && route.isChecked);
  if (shared !== undefined && check === undefined) {
    const expected = "a check, because the backend is asked once for all who read it";
    throw invalidOption(`routes.${shared.name}.identity`, expected, "shared without one");
  }
  checkIdentity(identity);
  const maxConnections = integerOption("maxConnections", options.maxConnections ?? 10_000, 1);
  const onError = options.onError ?? logError;
  return {
    upstream: parseUpstream(options.upstream),
    routes,
    identity,
    check,
    log,
    maxUpstreams: integerOption("maxUpstreams", options.maxUpstreams ?? 4, 1),
    hubOptions: {
      maxConnections,
      // All who are not logged in are one identity, and all tabs of a team's account are.
      maxConnectionsPerIdentity: maxConnections,
      onError,
      ...{ cors, observer, trustedProxies, forwardedHeader },
    },
    onError,
  };
}

/** Headers that tell of the connection and not of a person, and the one whose parts are named apart. */
const NO_IDENTITY =
  /^(?:connection|content-length|cookie|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

function checkIdentity({ headers, cookies }: IdentityRules): void {
  const wrong = headers.find((name) => NO_IDENTITY.test(name) || !TOKEN.test(name));
  if (wrong !== undefined) {
    throw invalidOption(
      "identity.headers",
      "headers that tell who asks, such as authorization",
      wrong,
    );
  }
  const odd = cookies.find((name) => !TOKEN.test(name));
  if (odd !== undefined) throw invalidOption("identity.cookies", "names of cookies", odd);
}

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function parseUpstream(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin =
    url !== undefined && url.pathname === "/" && url.search === "" && url.hash === "";
  if (isOrigin && url.username === "" && /^https?:$/.test(url.protocol)) return url;
  throw invalidOption("upstream", "an origin like http://127.0.0.1:5000", text);
}

/** Messages of this package name no payload, cookie or query. */
function logError(error: unknown, { operation, stream }: HubErrorContext): void {
  const where = stream === undefined ? "" : ` (stream ${stream})`;
  console.error(`throughline gateway: ${operation} failed${where}:`, error);
}
