import type { FetchLike } from "throughline";
import { type SourceWatch, watchEventSources } from "./observe-sources.js";
import { openProbe, type Probe } from "./probe.js";
import { startContractServer } from "./server/contract-server.js";
import type { OpenStage } from "./stage.js";

/** Node has no cookies of its own; these are the sessions by origin. */
export type Sessions = Map<string, string>;

/** A `fetch` that sends the session of the origin, as a browser does by itself. */
export function fetchWithSessions(sessions: Sessions): FetchLike {
  return (url, { headers, ...init }) => {
    const cookie = sessions.get(new URL(url).origin);
    return fetch(url, {
      ...init,
      headers: cookie === undefined ? headers : { ...headers, cookie },
    });
  };
}

/** Watches the global `EventSource` from now on, and opens stages whose clients run right here. */
export function createNodeStages(sessions: Sessions): { open: OpenStage; watch: SourceWatch } {
  const watch = watchEventSources();
  const open: OpenStage = async ({ settings }) => {
    const server = await startContractServer(settings);
    const logIn = async () => {
      sessions.set(server.origin, await startSession(server.origin));
    };
    await logIn();
    const probes: Probe[] = [];
    return {
      server,
      transport: "throughline",
      logIn,
      open: async ({ origin = server.origin, ...setup }) => {
        const probe = openProbe({ ...setup, baseUrl: origin }, origin, watch);
        probes.push(probe);
        return {
          snapshot: async () => probe.snapshot(),
          stop: async () => probe.stop(),
          call: async (method, ...args) => probe.call(method, ...args),
        };
      },
      close: async () => {
        for (const probe of probes) probe.stop();
        await server.close();
      },
    };
  };
  return { open, watch };
}

async function startSession(origin: string): Promise<string> {
  const response = await fetch(`${origin}/api/v1/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: "strategist", password: "correct" }),
  });
  const [cookie] = (response.headers.get("set-cookie") ?? "").split(";", 1);
  if (response.status !== 200 || !cookie) throw new Error(`login answered ${response.status}`);
  return cookie;
}
