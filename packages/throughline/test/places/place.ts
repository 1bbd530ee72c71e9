// The script of every place: of a page, and of workers that the page starts. The page keeps the
// record, wherever the source is.

import { EventSource, installEventSource, type TransportName } from "throughline";
import type { Place } from "./place-names.js";

/** What a source has done so far. */
export interface PlaceReport {
  readonly data: string[];
  /** Every state with its reason, as `"stale silent"`. */
  readonly states: string[];
  /** What the source says of the transport. */
  transport: string;
}

/** What a page offers to the test. */
export interface PlaceApi {
  start(place: Place): void;
  /** Opens a source by the class that was installed for the page, with a flag that can be set. */
  startFlagged(transport: TransportName): void;
  setFlag(transport: TransportName): void;
  /** Calls for the change at once, and not at the next attempt. */
  flip(): void;
  report(): PlaceReport;
}

type Line = Partial<Record<"data" | "state" | "transport", string>>;
type Tell = (line: Line) => void;

const url = new URL("/streams/news?cursor=earliest", location.origin).href;
const report: PlaceReport = { data: [], states: [], transport: "" };
let flag: TransportName = "native";
const flips = new Set<() => void>();
const transport = Object.assign(() => flag, {
  subscribe(listener: () => void) {
    flips.add(listener);
    return () => void flips.delete(listener);
  },
});

const note: Tell = ({ data, state, transport }) => {
  if (data !== undefined) report.data.push(data);
  if (state !== undefined) report.states.push(state);
  if (transport !== undefined) report.transport = transport;
};

function open(Subject: typeof EventSource, tell: Tell): void {
  const source = new Subject(url);
  source.connection.subscribe(({ state, reason, transport }) =>
    tell({ state: `${state} ${reason}`, transport }),
  );
  source.onmessage = ({ data }) => tell({ data });
}

function start(place: Place): void {
  const onmessage = ({ data }: MessageEvent<Line>) => note(data);
  switch (place) {
    case "window":
      open(EventSource, note);
      return;
    case "dedicated-worker":
      new Worker("/place.js").onmessage = onmessage;
      return;
    case "module-worker":
      new Worker("/place.mjs", { type: "module" }).onmessage = onmessage;
      return;
    case "shared-worker":
      new SharedWorker("/place.js").port.onmessage = onmessage;
      return;
    case "shared-module-worker":
      new SharedWorker("/place.mjs", { type: "module" }).port.onmessage = onmessage;
  }
}

const api: PlaceApi = {
  start,
  startFlagged: (wanted) => {
    flag = wanted;
    installEventSource({ transport });
    open(globalThis.EventSource as unknown as typeof EventSource, note);
  },
  setFlag: (wanted) => {
    flag = wanted;
  },
  flip: () => {
    for (const listener of [...flips]) listener();
  },
  report: () => report,
};

if ("document" in globalThis) {
  Object.assign(globalThis, { place: api });
} else if ("onconnect" in globalThis) {
  globalThis.addEventListener("connect", (event) => {
    const port = (event as MessageEvent).ports[0];
    open(EventSource, (line) => port?.postMessage(line));
  });
} else {
  open(EventSource, (line) => postMessage(line));
}
