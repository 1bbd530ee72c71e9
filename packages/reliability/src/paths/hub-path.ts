// The paths that end at a hub: directly, or behind a proxy with its documented configuration.

import { readFileSync } from "node:fs";
import {
  caddy,
  findProgram,
  haproxy,
  nginx,
  type ProxyKind,
  type ProxyPorts,
  startRealProxy,
  withPorts,
} from "@throughline/testkit";
import { startOrigin } from "./origin.js";
import type { OpenPath, PathId, PathKind, PathOptions } from "./path.js";

/** Straight to the hub. */
export const DIRECT: PathKind = {
  id: "direct",
  title: "direct",
  isForeign: false,
  isEncrypted: false,
  processes: ["hub"],
  missing: () => undefined,
  open: openHub,
};

/** Behind each of the proxies. */
export const BEHIND_PROXIES: readonly PathKind[] = [
  behind({ id: "nginx", proxy: nginx, config: documented("nginx.conf") }),
  behind({ id: "caddy", proxy: caddy, config: documented("caddyfile") }),
  behind({ id: "haproxy", proxy: haproxy, config: documented("haproxy.cfg") }),
];

/** Over TLS and HTTP/2, as a browser speaks it to Caddy. */
export const ENCRYPTED: PathKind = behind({
  id: "h2",
  title: "TLS, HTTP/2",
  proxy: caddy,
  isEncrypted: true,
  config: ({ port, adminPort }, hub) => `{
	admin localhost:${adminPort}
	auto_https disable_redirects
	skip_install_trust
}
https://127.0.0.1:${port} {
	tls internal
	reverse_proxy 127.0.0.1:${hub}
}
`,
});

async function openHub(options: PathOptions): Promise<OpenPath> {
  const origin = await startOrigin(options);
  return {
    upstream: { host: "127.0.0.1", port: origin.port },
    path: (stream) => `/streams/${stream}?cursor=earliest`,
    publish: origin.publish,
    countsOffsets: true,
    // What is done to a process is done to everybody's, and so not by the scenario of one run.
    actions: [],
    act: async (action) => {
      throw new Error(`Expected no action on a shared path, got "${action}".`);
    },
    processes: { hub: origin },
    close: origin.close,
  };
}

/** What stands behind a proxy, and how that is set up for a hub. */
interface ProxyPath {
  readonly id: Exclude<PathId, "direct" | "gateway">;
  /** Default: the id. */
  readonly title?: string | undefined;
  readonly proxy: ProxyKind;
  readonly isEncrypted?: boolean | undefined;
  readonly config: (ports: ProxyPorts, hub: number) => string;
}

/** A configuration of `deploy/`, with one hub under both of its names. */
function documented(file: string): ProxyPath["config"] {
  return (ports, hub) => {
    const text = readFileSync(new URL(`../../../../deploy/${file}`, import.meta.url), "utf8");
    return withPorts(text, ports, [hub, hub]);
  };
}

function behind({ id, title = id, proxy, isEncrypted = false, config }: ProxyPath): PathKind {
  return {
    id,
    title,
    isForeign: false,
    isEncrypted,
    processes: ["hub", "proxy"],
    missing: () =>
      findProgram(proxy.program) === undefined ? `${proxy.program} is not installed` : undefined,
    open: async (options) => {
      const path = await openHub(options);
      const { port } = path.upstream;
      try {
        const running = await startRealProxy(proxy, { config: (ports) => config(ports, port) });
        return {
          ...path,
          upstream: { host: "127.0.0.1", port: Number(new URL(running.url).port) },
          processes: { ...path.processes, proxy: running },
          close: async () => {
            await running.close();
            await path.close();
          },
        };
      } catch (error) {
        await path.close();
        throw error;
      }
    },
  };
}
