// A project for Node, without lib.dom. It is compiled and not run.

import { EventSource, type EventSourceOptions, subscribe } from "throughline";
import { unreferenced } from "throughline/node";

export async function main(): Promise<void> {
  const options: EventSourceOptions = { idleTimeoutMs: 1, ...unreferenced() };
  const source = new EventSource("http://a.test/", options);
  source.onmessage = ({ data, lastEventId }) => console.log(String(data), lastEventId);
  source.addEventListener("alert", (event) => console.log(event.data, event.lastEventId));
  // @ts-expect-error An open event has no data: a listener's event is no `any`.
  source.addEventListener("open", (event) => event.data);
  source.connection.subscribe(({ state, incidents }) => console.log(state, incidents.length));
  for await (const { data } of subscribe("http://a.test/")) console.log(data.length);
  source.close();
}
