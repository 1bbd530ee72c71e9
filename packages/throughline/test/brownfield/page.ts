// The script of the test page: the same probe as in Node, reachable from outside.

import { installEventSource, type TransportName } from "throughline";
import type { ClientSetup } from "./drivers.js";
import { watchEventSources } from "./observe-sources.js";
import { openProbe, type Plain, type Probe, type ProbeSnapshot } from "./probe.js";
import type { PlainOptions } from "./stage.js";

/** Options of `installEventSource` that can be sent to a page. */
export interface InstallOptions extends PlainOptions {
  readonly transport?: TransportName | undefined;
  /** Gives the transport as a function that answers with it. */
  readonly isFlagFunction?: boolean | undefined;
}

/** What the page offers to the test; everything that passes is plain data. */
export interface PageApi {
  /** Logs in as the application's form does; resolves with the status. */
  logIn(origin: string): Promise<number>;
  install(options: InstallOptions): void;
  /** What the flag function answers from now on. */
  setFlag(transport: TransportName): void;
  /** Registers the service worker at `/worker.js`, and resolves once it controls the page. */
  registerWorker(): Promise<void>;
  /** Calls the function that `installEventSource` returned. */
  uninstall(): void;
  /** Starts a client and returns its number. */
  open(setup: ClientSetup, origin: string): number;
  snapshot(client: number): ProbeSnapshot;
  stop(client: number): void;
  call(client: number, method: string, args: readonly unknown[]): Plain;
  /** Whether the global class is the one that the browser came with. */
  isBrowsersOwn(): boolean;
  /** What code can see of the class without opening a stream. */
  describeClass(): Plain;
}

const browsersOwn = globalThis.EventSource;
const probes: Probe[] = [];
let watch = watchEventSources();
let undo = () => {};
let flagged: TransportName = "throughline";

const api: PageApi = {
  logIn: async (origin) => {
    const response = await fetch(`${origin}/api/v1/login`, {
      method: "POST",
      credentials: "include",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: "strategist", password: "correct" }),
    });
    return response.status;
  },
  install: ({ transport, isFlagFunction, ...options }) => {
    watch.end();
    if (transport !== undefined) flagged = transport;
    const flag = isFlagFunction ? () => flagged : transport;
    undo = installEventSource({ ...options, transport: flag });
    watch = watchEventSources();
  },
  registerWorker: async () => {
    const controls = new Promise((resolve) => {
      navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
    });
    await navigator.serviceWorker.register("/worker.js");
    await controls;
  },
  setFlag: (transport) => {
    flagged = transport;
  },
  uninstall: () => {
    watch.end();
    undo();
    watch = watchEventSources();
  },
  open: (setup, origin) => probes.push(openProbe(setup, origin, watch)) - 1,
  snapshot: (client) => probeOf(client).snapshot(),
  stop: (client) => probeOf(client).stop(),
  call: (client, method, args) => probeOf(client).call(method, ...args),
  isBrowsersOwn: () => {
    watch.end();
    const isOwn = globalThis.EventSource === browsersOwn;
    watch = watchEventSources();
    return isOwn;
  },
  describeClass,
};

function describeClass(): Plain {
  const source = new EventSource("/api/v1/status");
  const handlers = [source.onopen, source.onmessage, source.onerror];
  source.close();
  const constants = (holder: { CONNECTING: number; OPEN: number; CLOSED: number }) => [
    holder.CONNECTING,
    holder.OPEN,
    holder.CLOSED,
  ];
  return {
    name: EventSource.name,
    length: EventSource.length,
    statics: constants(EventSource),
    onPrototype: constants(EventSource.prototype),
    onInstance: constants(source),
    isInstance: source instanceof EventSource,
    isEventTarget: source instanceof EventTarget,
    hasNullHandlers: handlers.every((handler) => handler === null),
    url: source.url.replace(location.origin, ""),
    withCredentials: source.withCredentials,
    readyStateAfterClose: source.readyState,
    errorForBadUrl: nameOfThrown(() => new EventSource("http://[")),
    errorForCallWithoutNew: nameOfThrown(() => Reflect.apply(EventSource, undefined, ["/"])),
    errorForNoArgument: nameOfThrown(() => Reflect.construct(EventSource, [])),
  };
}

function nameOfThrown(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof Error || error instanceof DOMException ? error.name : typeof error;
  }
}

function probeOf(client: number): Probe {
  const probe = probes[client];
  if (probe === undefined) throw new Error(`there is no client ${client}`);
  return probe;
}

Object.assign(globalThis, { contract: api });
