import { type EventSourceOptions, type FetchLike, installEventSource } from "throughline";
import { layLine, type OpenLineStage } from "./line.js";
import { watchEventSources } from "./observe-sources.js";
import { openProbe, type Probe } from "./probe.js";
import { type ContractServer, startContractServer } from "./server/contract-server.js";
import type { OpenStage, Stage } from "./stage.js";

/** Stages whose clients run in this process. */
export interface NodeStages {
  readonly open: OpenStage;
  /** The same over a line with the gateway at its end. */
  readonly openOverGateway: OpenLineStage;
  /** Closes what the classes have left open. */
  close(): void;
}

/**
 * Installs the drop-in with these options, and opens stages for it.
 *
 * It stays installed: the timers that the classes leave behind (D21, D30) name the global long
 * after a scenario. Test files do not share their globals.
 */
export function createNodeStages(options: EventSourceOptions = {}): NodeStages {
  const sessions: Sessions = new Map();
  installEventSource({ ...options, fetch: fetchWithSessions(sessions) });
  const watch = watchEventSources();
  const openAt = async (server: ContractServer, asked: string): Promise<Stage> => {
    const logIn = async () => {
      sessions.set(asked, await startSession(asked));
    };
    await logIn();
    const probes: Probe[] = [];
    return {
      server,
      transport: "throughline",
      logIn,
      open: async ({ origin = asked, ...setup }) => {
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
  const open: OpenStage = async ({ settings }) => {
    const server = await startContractServer(settings);
    return openAt(server, server.origin);
  };
  const openOverGateway: OpenLineStage = async ({ settings }) => {
    const server = await startContractServer(settings);
    const line = await layLine(server, true);
    const stage = await openAt(server, line.origin);
    return {
      ...stage,
      hasGateway: true,
      line: line.proxy,
      lineRequests: line.requests,
      close: async () => {
        await stage.close();
        await line.close();
      },
    };
  };
  return { open, openOverGateway, close: () => watch.closeAll() };
}

/** Node has no cookies of its own; these are the sessions by origin. */
type Sessions = Map<string, string>;

/** A `fetch` that sends the session of the origin, as a browser does by itself. */
function fetchWithSessions(sessions: Sessions): FetchLike {
  return (url, { headers, ...init }) => {
    const cookie = sessions.get(new URL(url).origin);
    return fetch(url, {
      ...init,
      headers: cookie === undefined ? headers : { ...headers, cookie },
    });
  };
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
