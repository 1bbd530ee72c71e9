// npm's `eventsource` in this process, as a client under test.

import type { ScenarioClient } from "@throughline/testkit";
import { EventSource } from "eventsource";

/** It, as it is by default. */
export function npmEventSource(): ScenarioClient {
  return {
    name: "eventsource",
    canDetour: false,
    open: (url, watch) => {
      const source = new EventSource(url, {
        fetch: (target, init) => {
          watch.request();
          return fetch(target, init);
        },
      });
      source.onmessage = ({ data }) => watch.event(String(data));
      source.onopen = () => watch.state("live");
      source.onerror = () =>
        watch.state(source.readyState === EventSource.CLOSED ? "failed" : "waiting");
      return { close: () => source.close() };
    },
  };
}
