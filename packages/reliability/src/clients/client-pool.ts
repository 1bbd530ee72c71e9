// Every client of the matrix, ready to be tried. A browser is started when its first reader is opened.

import { findChromium, findFirefox } from "@throughline/browsers";
import { dropInClient, type ScenarioClient } from "@throughline/testkit";
import { createBrowserHost } from "./browser-host.js";
import type { ClientKind, HostName } from "./clients.js";
import { npmEventSource } from "./npm-eventsource.js";
import type { PageScripts } from "./page-scripts.js";

/** Clients and what they run in. */
export interface ClientPool {
  clientOf(kind: ClientKind): ScenarioClient;
  /** Whether a browser is gone since that moment, and what was measured in it means nothing. */
  hasLostBrowserSince(momentMs: number): boolean;
  /** Ends the browsers. */
  close(): Promise<void>;
}

/** Why clients cannot run in a place; `undefined` where they can. */
export function missingHost(host: HostName): string | undefined {
  if (host === "chromium" && findChromium() === undefined) return "Chromium is not installed";
  if (host === "firefox" && findFirefox() === undefined) return "Firefox is not installed";
  return undefined;
}

/** Clients whose pages have these scripts. `onStall` is told whose page has just stood still. */
export function createClientPool(
  scripts: PageScripts,
  onStall: (client: string) => void,
): ClientPool {
  const hosts = {
    chromium: createBrowserHost("chromium", scripts),
    firefox: createBrowserHost("firefox", scripts),
  };
  return {
    clientOf: ({ id, name, host }) => {
      if (host === "node") return name === "drop-in" ? dropInClient() : npmEventSource();
      const { open } = hosts[host];
      const stalled = () => onStall(id);
      return {
        name: id,
        canDetour: false,
        open: (url, watch) => open(name, url, { ...watch, stalled }),
      };
    },
    hasLostBrowserSince: (momentMs) =>
      Object.values(hosts).some(({ lostAtMs = 0 }) => lostAtMs >= momentMs),
    close: async () => {
      await Promise.all(Object.values(hosts).map((host) => host.close()));
    },
  };
}
