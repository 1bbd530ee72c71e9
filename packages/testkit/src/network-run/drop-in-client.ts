// The drop-in of this Node process as a client under test.

import { EventSource, type EventSourceOptions, type FetchLike } from "throughline";
import type { Detour } from "../scenario/index.js";
import type { ScenarioClient } from "./scenario-client.js";

/** The drop-in with these options. */
export function dropInClient(options: EventSourceOptions = {}): ScenarioClient {
  const { fetch: send = fetch, onGap } = options;
  return {
    name: "drop-in, Node",
    canDetour: true,
    open: (url, watch) => {
      let way: Detour | undefined;
      const watchedFetch: FetchLike = (target, init) => {
        if (init.method === "GET") watch.request();
        return send(astray(target, way), init);
      };
      const source = new EventSource(url, {
        ...options,
        fetch: watchedFetch,
        onGap: (gap) => {
          watch.gap(gap);
          onGap?.(gap);
        },
      });
      source.onmessage = ({ data, lastEventId }) => watch.event(data, lastEventId);
      const tell = () => watch.state(source.connection.state, source.connection.reason);
      tell();
      const leave = source.connection.subscribe(tell);
      return {
        divert: (detour) => {
          way = detour;
        },
        close: () => {
          leave();
          source.close();
        },
      };
    },
  };
}

/** Real failures, not pretended ones: the resolver and the handshake are those of the platform. */
function astray(url: string, detour: Detour | undefined): string {
  if (detour === undefined) return url;
  const target = new URL(url);
  if (detour === "unknown-name") target.hostname = "no-such-host.invalid";
  else target.protocol = "https:";
  return target.href;
}
