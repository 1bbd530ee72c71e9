// The three proxies: how each is started in the foreground, and how it is told to reload.

import { join } from "node:path";
import type { ProxyKind } from "./real-proxy.js";

/** nginx. Its configuration is what belongs into the http context. */
export const nginx: ProxyKind = {
  program: "nginx",
  files: ({ folder, config }) => ({
    "nginx.conf": nginxAround(folder),
    "site.conf": config,
  }),
  args: (folder) => ["-p", folder, "-e", "error.log", "-c", join(folder, "nginx.conf")],
  reload: "SIGHUP",
};

/** HAProxy, with a master process, as Debian's service has it. */
export const haproxy: ProxyKind = {
  program: "haproxy",
  files: ({ config }) => ({ "haproxy.cfg": config }),
  args: (folder) => ["-W", "-db", "-f", join(folder, "haproxy.cfg")],
  reload: "SIGUSR2",
};

/** Caddy. */
export const caddy: ProxyKind = {
  program: "caddy",
  files: ({ config }) => ({ caddyfile: config }),
  args: (folder) => ["run", "--adapter", "caddyfile", "--config", join(folder, "caddyfile")],
  reload: ({ folder, adminPort }) => [
    // Also when nothing has changed, which Caddy would notice.
    ...["reload", "--force"],
    ...["--adapter", "caddyfile", "--config", join(folder, "caddyfile")],
    ...["--address", `127.0.0.1:${adminPort}`],
  ],
};

/** What Debian has around a file in conf.d, as far as it concerns connections, in one folder. */
function nginxAround(folder: string): string {
  const isRoot = process.getuid?.() === 0;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return [
    // The folder belongs to whoever has started it.
    ...(isRoot ? ["user root;"] : []),
    "daemon off;",
    "worker_processes 2;",
    "worker_rlimit_nofile 20000;",
    `pid ${folder}/nginx.pid;`,
    "events { worker_connections 16384; }",
    "http {",
    "  access_log off;",
    "  gzip on;",
    ...temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`),
    `  include ${folder}/site.conf;`,
    "}",
    "",
  ].join("\n");
}
