// Every client of the matrix, ready to be tried. A browser is started when its first reader is opened.

import { dropInClient, type ScenarioClient } from "@throughline/testkit";
import { createBrowserHost } from "./browser-host.js";
import type { ClientKind } from "./clients.js";
import { npmEventSource } from "./npm-eventsource.js";
import type { PageScripts } from "./page-scripts.js";

/** Clients and what they run in. */
export interface ClientPool {
  clientOf(kind: ClientKind): ScenarioClient;
  /** Ends the browsers. */
  close(): Promise<void>;
}

/** Clients whose pages have these scripts. */
export function createClientPool(scripts: PageScripts): ClientPool {
  const hosts = {
    chromium: createBrowserHost("chromium", scripts),
    firefox: createBrowserHost("firefox", scripts),
  };
  return {
    clientOf: ({ id, name, host }) => {
      if (host === "node") return name === "drop-in" ? dropInClient() : npmEventSource();
      const { open } = hosts[host];
      return { name: id, canDetour: false, open: (url, watch) => open(name, url, watch) };
    },
    close: async () => {
      await Promise.all(Object.values(hosts).map((host) => host.close()));
    },
  };
}
