// The paths that end at a hub: directly, or behind a proxy with its documented configuration.

import { readFileSync } from "node:fs";
import {
  caddy,
  findProgram,
  haproxy,
  nginx,
  type ProxyKind,
  startRealProxy,
  withPorts,
} from "@throughline/testkit";
import { startOrigin } from "./origin.js";
import type { OpenPath, PathKind, PathOptions } from "./path.js";

/** Straight to the hub. */
export const DIRECT: PathKind = {
  id: "direct",
  title: "direct",
  isForeign: false,
  missing: () => undefined,
  open: openHub,
};

/** Behind each of the proxies. */
export const BEHIND_PROXIES: readonly PathKind[] = [
  behind("nginx", nginx, "nginx.conf"),
  behind("caddy", caddy, "caddyfile"),
  behind("haproxy", haproxy, "haproxy.cfg"),
];

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

function behind(id: "nginx" | "caddy" | "haproxy", kind: ProxyKind, file: string): PathKind {
  return {
    id,
    title: id,
    isForeign: false,
    missing: () =>
      findProgram(kind.program) === undefined ? `${kind.program} is not installed` : undefined,
    open: async (options) => {
      const path = await openHub(options);
      const { port } = path.upstream;
      try {
        const text = readFileSync(new URL(`../../../../deploy/${file}`, import.meta.url), "utf8");
        // One hub under both of its names.
        const proxy = await startRealProxy(kind, {
          config: (ports) => withPorts(text, ports, [port, port]),
        });
        return {
          ...path,
          upstream: { host: "127.0.0.1", port: Number(new URL(proxy.url).port) },
          processes: { ...path.processes, proxy },
          close: async () => {
            await proxy.close();
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
