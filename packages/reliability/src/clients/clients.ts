// The columns of the matrix: which client, where, and with what it is set up.

/** What a client is. */
export type ClientName =
  | "drop-in"
  | "native"
  | "eventsource"
  | "fetch-event-source"
  | "reconnecting-eventsource";

/** Where a client runs. */
export type HostName = "node" | "chromium" | "firefox";

/** One client in one place. */
export interface ClientKind {
  /** Unique: what `--client` takes. */
  readonly id: string;
  readonly name: ClientName;
  readonly host: HostName;
  readonly title: string;
  /** Whether Throughline's promises are made for it. The others are shown as they are. */
  readonly isPromised: boolean;
  /** With which settings it was measured. */
  readonly settings: string;
}

/** All of them, in the order of the tables. */
export const CLIENTS: readonly ClientKind[] = [
  dropIn("node", "Node"),
  dropIn("chromium", "Chromium"),
  dropIn("firefox", "Firefox"),
  {
    id: "native-chromium",
    name: "native",
    host: "chromium",
    title: "EventSource of Chromium",
    isPromised: false,
    settings: "`new EventSource(url)`",
  },
  {
    id: "native-firefox",
    name: "native",
    host: "firefox",
    title: "EventSource of Firefox",
    isPromised: false,
    settings: "`new EventSource(url)`",
  },
  {
    id: "eventsource-node",
    name: "eventsource",
    host: "node",
    title: "eventsource 4, Node",
    isPromised: false,
    settings: "`new EventSource(url)`; 4.1.1, the newest for Node 20",
  },
  {
    id: "fetch-event-source-chromium",
    name: "fetch-event-source",
    host: "chromium",
    title: "fetch-event-source, Chromium",
    isPromised: false,
    settings:
      "@microsoft/fetch-event-source 2.0.1, `fetchEventSource(url, { openWhenHidden: true })`: it would close the stream of a hidden page",
  },
  {
    id: "reconnecting-eventsource-chromium",
    name: "reconnecting-eventsource",
    host: "chromium",
    title: "reconnecting-eventsource, Chromium",
    isPromised: false,
    settings: "1.6.5, `new ReconnectingEventSource(url)`",
  },
];

function dropIn(host: HostName, title: string): ClientKind {
  return {
    id: `drop-in-${host}`,
    name: "drop-in",
    host,
    title: `drop-in, ${title}`,
    isPromised: true,
    settings: "`new EventSource(url)`",
  };
}
