// What the status of an answer means for readers.

import type { Finding } from "../finding.js";
import type { Hop, Observation, Opening } from "../observation.js";
import { PARTY_NAMES, partiesOf } from "../parties.js";

interface Meaning {
  readonly severity?: "warning" | "problem";
  readonly text: string;
  readonly culprit?: string;
  readonly change?: string;
}

/** How the Vite dev server is told to pass streams on. */
export const VITE_PROXY =
  'server: { proxy: { "/streams": "http://127.0.0.1:8081" } }   in vite.config';

const MEANINGS: Readonly<Record<number, Meaning>> = {
  204: {
    severity: "warning",
    text: "there is nothing (more) to read. Readers end here, and do not come back",
    culprit: 'a stream that is complete; or an endpoint that says 204 where it means "nothing yet"',
    change: "if more will come: 200 with text/event-stream, and heartbeats",
  },
  404: {
    text: "there is no such path. Browsers never try again",
    culprit: "a wrong path, or a proxy that adds or removes a part of it",
    change:
      "nginx: proxy_pass with a path after the host replaces that of the location; without one it stays",
  },
  405: {
    text: "the address does not take GET. Browsers never try again",
    culprit: "an address that is for publishing or logging in only",
  },
  406: {
    text: "the server does not want to answer with text/event-stream",
    culprit: "a framework that looks at Accept",
  },
  421: {
    text: "the connection belongs to another server",
    culprit: "a proxy that shares connections of several hosts",
  },
  429: {
    text: "too many requests or connections. Throughline's readers wait as long as Retry-After says; browsers never try again",
    culprit:
      "a limit of the server, by address or identity; behind a proxy everybody may look like one address",
    change: "throughline serve --trusted-proxies …, or a higher limit",
  },
  502: {
    text: "the proxy does not reach the backend",
    culprit: "a backend that is down or restarting, or a wrong address in the proxy",
  },
  503: {
    text: "there is no backend, or it has no room",
    culprit: "a restart, a failed health check, or a limit",
  },
  504: {
    text: "the backend did not answer the proxy in time",
    culprit: "a backend whose workers are all busy",
  },
};

/** The finding about a status that is no stream; nothing for 200. */
export function findStatus(
  { last }: Extract<Opening, { kind: "answered" }>,
  { withToken, withCookie }: Observation["asked"],
): readonly Finding[] {
  const { status, headers } = last;
  if (status === 200) return [];
  const { severity = "problem", text, culprit, change } = meaningOf(last, withToken, withCookie);
  const [party] = partiesOf(last);
  const sender = party === undefined ? "" : ` (from ${PARTY_NAMES[party]})`;
  const wait = headers["retry-after"];
  const floor = wait === undefined ? "" : ` Retry-After: ${wait}.`;
  return [
    {
      severity,
      code: `status-${status}`,
      text: `${status}${sender}: ${text}.${floor}`,
      culprit,
      change,
    },
  ];
}

function meaningOf({ status, page }: Hop, withToken: boolean, withCookie: boolean): Meaning {
  if (status === 401 || status === 403) {
    const shown = [withToken ? "the token" : "", withCookie ? "the cookie" : ""].filter(Boolean);
    return {
      text:
        status === 401
          ? "the server wants to know who asks. Browsers never try again"
          : "it is not allowed. Browsers never try again",
      culprit:
        shown.length === 0
          ? "no token and no cookie was shown"
          : `${shown.join(" and ")} that was shown is not accepted, or a proxy removes it`,
      change:
        shown.length === 0
          ? "--token-env NAME, --token-file FILE or --cookie-env NAME"
          : "nginx passes Authorization on by itself; look for proxy_set_header Authorization, and at the token's end",
    };
  }
  if (status >= 300 && status < 400) {
    return {
      text: "a redirect that leads nowhere or in a circle",
      culprit: "a log-in or a canonical address",
    };
  }
  if (page === "vite") {
    return {
      text:
        status === 404 ? "there is no such path. Browsers never try again" : "the server failed",
      culprit:
        status === 404
          ? "the Vite dev server, which passes nothing on for this path"
          : "the Vite dev server, which does not reach the backend of its proxy",
      change: VITE_PROXY,
    };
  }
  const known = MEANINGS[status];
  if (known !== undefined) return known;
  return {
    text:
      status >= 500
        ? "the server failed"
        : "the server does not answer with a stream; browsers never try again",
  };
}
