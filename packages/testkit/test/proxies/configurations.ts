// What the proxies are run with: the documented configuration, and the least that works at all.

import { readFileSync } from "node:fs";
import {
  caddy,
  haproxy,
  nginx,
  type ProxyKind,
  type ProxyPorts,
  withPorts,
} from "../../src/proxies/index.js";

/** A configuration for two hubs behind the proxy (the least one names only the first). */
export type Configuration = (ports: ProxyPorts, hubs: readonly [number, number]) => string;

/** A proxy with what it can be configured with. */
export interface ProxyUnderTest {
  readonly kind: ProxyKind;
  readonly documented: Configuration;
  readonly least: Configuration;
}

const documented =
  (file: string): Configuration =>
  (ports, hubs) =>
    withPorts(
      readFileSync(new URL(`../../../../deploy/${file}`, import.meta.url), "utf8"),
      ports,
      hubs,
    );

export const proxies: Readonly<Record<"nginx" | "haproxy" | "caddy", ProxyUnderTest>> = {
  nginx: {
    kind: nginx,
    documented: documented("nginx.conf"),
    least: ({ port }, [first]) =>
      `server { listen ${port}; location / { proxy_pass http://127.0.0.1:${first}; } }\n`,
  },
  haproxy: {
    kind: haproxy,
    documented: documented("haproxy.cfg"),
    // The timeouts are those of Debian's haproxy.cfg.
    least: ({ port }, [first]) =>
      [
        "defaults",
        "  mode http",
        "  timeout connect 5000",
        "  timeout client 50000",
        "  timeout server 50000",
        "listen all",
        `  bind :${port}`,
        `  server hub 127.0.0.1:${first}`,
        "",
      ].join("\n"),
  },
  caddy: {
    kind: caddy,
    documented: documented("caddyfile"),
    least: ({ port, adminPort }, [first]) =>
      `{\n  admin localhost:${adminPort}\n}\n:${port} {\n  reverse_proxy 127.0.0.1:${first}\n}\n`,
  },
};
