// The script of a frame with one reader: its document has the origin that the reader reads from, and no
// other reader has that.

import { fetchEventSource } from "@microsoft/fetch-event-source";
import reconnecting from "reconnecting-eventsource";
import { EventSource as DropIn } from "throughline";
import type { FrameSays, FrameTask } from "./messages.js";
import { SPOILING_MS, watchLateness } from "./stalls.js";

/** Its types describe the build for CommonJS; what is bundled is the other one, and that is the class. */
const ReconnectingEventSource = reconnecting as unknown as new (url: string) => EventSource;

const { reader, client, url } = JSON.parse(decodeURIComponent(location.hash.slice(1))) as FrameTask;

function say(message: FrameSays): void {
  parent.postMessage(message, "*");
}

function tell(state: string, reason?: string): void {
  say({ reader, kind: "state", state, reason });
}

function take({ data }: { readonly data: string }): void {
  say({ reader, kind: "event", data });
}

function readWithDropIn(): void {
  const source = new DropIn(url, {
    onGap: ({ from, to, reason }) => say({ reader, kind: "gap", from, to, reason }),
  });
  source.onmessage = take;
  const tellConnection = () => tell(source.connection.state, source.connection.reason);
  tellConnection();
  source.connection.subscribe(tellConnection);
}

/** What its interface shows of a client that has nothing but the standard's. */
function readWith(source: EventSource): void {
  source.onmessage = take;
  source.onopen = () => tell("live");
  source.onerror = () => tell(source.readyState === EventSource.CLOSED ? "failed" : "waiting");
}

async function readWithFetchEventSource(): Promise<void> {
  await fetchEventSource(url, {
    openWhenHidden: true,
    onopen: async ({ status, headers }) => {
      // As by default, which setting this replaces.
      if (!headers.get("content-type")?.startsWith("text/event-stream")) {
        throw new Error(`Expected an event stream, got ${status}.`);
      }
      tell("live");
    },
    onmessage: (message) => {
      if (message.event === "" || message.event === "message") take(message);
    },
    onclose: () => tell("closed"),
    onerror: () => tell("waiting"),
  }).catch(() => tell("failed"));
}

switch (client) {
  case "drop-in":
    readWithDropIn();
    break;
  case "native":
    readWith(new EventSource(url));
    break;
  case "reconnecting-eventsource":
    readWith(new ReconnectingEventSource(url));
    break;
  case "fetch-event-source":
    void readWithFetchEventSource();
    break;
  case "eventsource":
    throw new Error("Expected a client that runs in browsers, got eventsource.");
}

say({ reader, kind: "opened" });
watchLateness((lateMs) => {
  if (lateMs >= SPOILING_MS) say({ reader, kind: "stalled" });
});
