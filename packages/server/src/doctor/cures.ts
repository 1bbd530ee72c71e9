// What to change where, by trouble and by who stands between.

import { PARTY_NAMES, type Party } from "./parties.js";

/** Troubles that have a line somewhere that ends them. */
export type Trouble = "buffering" | "compression" | "idle-timeout" | "duration" | "workers";

/** Who it most likely is, and the line to change. */
export interface Cure {
  readonly culprit: string;
  readonly change: string;
}

type Cures = Readonly<Partial<Record<Party, string>>>;

const CURES: Readonly<Record<Trouble, Cures>> = {
  buffering: {
    nginx:
      "proxy_buffering off;   in the location of the stream; or the backend answers X-Accel-Buffering: no",
    apache: "ProxyPass /streams http://backend/streams flushpackets=on",
    varnish: "set beresp.do_stream = true;   in vcl_backend_response; or return (pipe) in vcl_recv",
    iis: '<handlers> … responseBufferLimit="0"   at the handler of the proxy (ARR)',
    cloudflare:
      "Cache Rules: bypass the cache for this path; and the origin answers Cache-Control: no-transform",
    cloudfront: "CachingDisabled as the cache policy of this path",
    express:
      "compression({ filter }) that leaves text/event-stream out, or res.flush() after each event",
  },
  compression: {
    nginx: "gzip off;   in the location of the stream; or take text/event-stream out of gzip_types",
    caddy: "encode only where there are no streams (its default includes text/*)",
    apache: "SetEnvIf Request_URI ^/streams no-gzip=1",
    cloudflare: "the origin answers Cache-Control: no-transform",
    express: "compression({ filter }) that leaves text/event-stream out",
  },
  "idle-timeout": {
    nginx: "proxy_read_timeout 1h;   (default 60s), and a heartbeat that is faster than it",
    haproxy: "timeout server 1h   and   timeout client 1h",
    apache: "ProxyTimeout 3600",
    "aws-elb": "idle_timeout.timeout_seconds = 4000   (default 60)",
    cloudflare: "nothing can be set (100 s): send a heartbeat at least every 30 s",
    cloudfront: "the origin's response timeout, at most 60 s: send a heartbeat at least every 30 s",
    gunicorn:
      "--worker-class gthread --threads 100   (the sync worker is killed after --timeout, 30 s)",
    envoy: "stream_idle_timeout: 0s   and   timeout: 0s   at the route",
    vite: "server.proxy[…].timeout: 0 and proxyTimeout: 0   in vite.config",
  },
  duration: {
    gunicorn:
      "--worker-class gthread --threads 100   (a sync worker is killed after --timeout, 30 s)",
    envoy: "timeout: 0s   at the route",
    iis: "proxyTimeout, and connectionTimeout of the site",
  },
  workers: {
    gunicorn:
      "--worker-class gthread --threads 100   (a sync worker serves one stream and nothing else)",
    werkzeug: "app.run(threaded=True)",
    nginx: "worker_connections 10240;   and look at limit_conn, and at the workers of the backend",
    apache: "mpm_event, and MaxRequestWorkers above the number of readers",
  },
};

const IN_GENERAL: Readonly<Record<Trouble, Cure>> = {
  buffering: {
    culprit:
      "something between that collects responses before it passes them on (nginx does by default)",
    change:
      "X-Accel-Buffering: no   as a header of the answer; or turn response buffering off in the proxy",
  },
  compression: {
    culprit: "a compressing middleware or proxy",
    change:
      "Cache-Control: no-transform   as a header of the answer; or leave text/event-stream uncompressed",
  },
  "idle-timeout": {
    culprit: "an idle timeout of something between, or of the server itself",
    change:
      'a comment (":\\n\\n") every second, or at least every 15 s; or a longer timeout of silence in the proxy',
  },
  duration: {
    culprit:
      "a server that answers with what it has and ends (polling), a limit on the duration of a response, or a worker that was killed",
    change:
      "keep the response open, with a heartbeat; lift limits on the duration of responses for this path",
  },
  workers: {
    culprit:
      "a server with one worker for each stream (gunicorn's sync worker), or a limit on connections",
    change:
      "gunicorn --worker-class gthread --threads 100; or raise the limit on connections of one address",
  },
};

/** The cure for a trouble, for the first of those between that is known for it. */
export function cureOf(trouble: Trouble, parties: readonly Party[]): Cure {
  for (const party of parties) {
    const change = CURES[trouble][party];
    if (change !== undefined) return { culprit: PARTY_NAMES[party], change };
  }
  return IN_GENERAL[trouble];
}

/** Whether one of those between is known to make this trouble. */
export function isSuspected(trouble: Trouble, parties: readonly Party[]): boolean {
  return parties.some((party) => CURES[trouble][party] !== undefined);
}

/**
 * The same for bytes that are held back, by one who reads what the server says already. nginx keeps
 * X-Accel-Buffering for itself: where it can be seen here, it was of no use.
 */
export function bufferingCure(
  parties: readonly Party[],
  headers: Readonly<Record<string, string>>,
): Cure {
  const cure = cureOf("buffering", parties);
  if (parties.includes("nginx") && headers["throughline-pulse"] !== undefined) {
    return {
      culprit: "nginx, which takes no notice of the X-Accel-Buffering: no of the hub",
      change:
        "proxy_buffering off;   in the location of the stream; and look for proxy_ignore_headers",
    };
  }
  if (parties.length > 0 || headers["x-accel-buffering"] === undefined) return cure;
  return {
    culprit:
      "something between that takes no notice of X-Accel-Buffering: no, which the server says",
    change: "turn response buffering off there (docs/proxies.md)",
  };
}

/** Timeouts that are known by how long they are, in seconds. */
const KNOWN_TIMEOUTS: readonly (readonly [
  seconds: number,
  party: Party | undefined,
  whose: string,
])[] = [
  [30, "gunicorn", "30 s is gunicorn's --timeout for sync workers"],
  [50, "haproxy", "50 s is HAProxy's timeout server as Debian configures it"],
  [55, undefined, "55 s is the limit of Heroku's router"],
  [60, "nginx", "60 s is nginx's proxy_read_timeout, and the idle timeout of AWS load balancers"],
  [100, "cloudflare", "100 s is Cloudflare's limit"],
];

/** Whose timeout a silence of this length looks like. */
export function timeoutOwner(
  silenceMs: number,
): { readonly party: Party | undefined; readonly whose: string } | undefined {
  const known = KNOWN_TIMEOUTS.find(([seconds]) => Math.abs(silenceMs / 1000 - seconds) <= 1.5);
  return known === undefined ? undefined : { party: known[1], whose: known[2] };
}
