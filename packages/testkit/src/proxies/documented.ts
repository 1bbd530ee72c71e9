import type { ProxyPorts } from "./real-proxy.js";

/**
 * A configuration of `deploy/` with the ports and the folder of one proxy, and nothing else changed: the
 * files name 8080 for the public, 8081 and 8082 for the hubs, 2019 for Caddy's administration.
 */
export function withPorts(
  text: string,
  { port, adminPort, folder }: ProxyPorts,
  [first, second]: readonly [number, number],
): string {
  return text
    .replaceAll(/\b8080\b/g, String(port))
    .replaceAll(/\b8081\b/g, String(first))
    .replaceAll(/\b8082\b/g, String(second))
    .replaceAll(/\b2019\b/g, String(adminPort))
    .replaceAll("/run/haproxy", folder);
}
