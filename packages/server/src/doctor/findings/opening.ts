// Whether there is a stream at all.

import { bufferingCure, cureOf, isSuspected } from "../cures.js";
import type { Finding } from "../finding.js";
import { showMs } from "../finding.js";
import type { Hop, Observation, Opening } from "../observation.js";
import { PARTY_NAMES, type Party, partiesOf, partiesSeen } from "../parties.js";
import { findStatus, VITE_PROXY } from "./status.js";

/** Findings about connection, redirects, status and content type. */
export function findOpening(observation: Observation): readonly Finding[] {
  const { opening } = observation;
  if (opening.kind === "unreachable") return [unreachable(opening)];
  if (opening.kind === "silent") return [silent(opening, partiesSeen(observation))];
  const redirects = redirected(opening);
  // That of the log-in, or its page, is no second trouble.
  if (redirects.some(({ code }) => code === "login-redirect")) return redirects;
  return [
    ...redirects,
    ...findStatus(opening, observation.asked),
    ...contentType(opening.last),
    ...(observation.stream === undefined ? [] : httpVersion(opening.last)),
  ];
}

interface Unreachable {
  readonly code: "unreachable" | "certificate";
  readonly what: string;
  readonly culprit: string;
  readonly change?: string;
}

const CERTIFICATE: Unreachable = {
  code: "certificate",
  what: "The certificate is not believed",
  culprit: "a certificate of one's own, one that has expired, or one for another name",
  change: "NODE_EXTRA_CA_CERTS=ca.pem in the environment, if the authority is your own",
};

const NOT_TLS: Unreachable = {
  code: "unreachable",
  what: "What answers does not speak TLS",
  culprit: "a port for plain HTTP",
  change: "http:// in place of https://",
};

const NOT_RUNNING: Unreachable = {
  code: "unreachable",
  what: "Nobody listens there",
  culprit:
    "a process that is not running, another port, or one that listens on another address only",
};

const NO_WAY: Unreachable = {
  code: "unreachable",
  what: "The address does not answer",
  culprit: "a firewall, a machine that is down, or a wrong address",
};

const NO_NAME: Unreachable = {
  code: "unreachable",
  what: "There is no such name",
  culprit: "the name, or the name server",
};

const ENDED: Unreachable = {
  code: "unreachable",
  what: "The connection was ended before there was an answer",
  culprit: "a backend that died at this request, a proxy without one, or a port for TLS",
};

const UNREACHABLE: readonly (readonly [pattern: RegExp, Unreachable])[] = [
  [/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/, CERTIFICATE],
  [/^(?:EPROTO|ERR_SSL)/, NOT_TLS],
  [/^ECONNREFUSED$/, NOT_RUNNING],
  [/^(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, NO_WAY],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, NO_NAME],
  [
    /^HPE_HEADER_OVERFLOW$/,
    {
      code: "unreachable",
      what: "The headers of the answer are larger than 16 KiB",
      culprit: "a cookie or another header that grows",
    },
  ],
  [
    /^HPE_/,
    {
      code: "unreachable",
      what: "What answers does not speak HTTP",
      culprit: "another program behind that port, or HTTP/2 without TLS",
    },
  ],
];

function unreachable(opening: Extract<Opening, { kind: "unreachable" }>): Finding {
  const known = UNREACHABLE.find(([pattern]) => pattern.test(opening.code))?.[1] ?? ENDED;
  const { code, what, culprit, change } = known;
  return {
    severity: "problem",
    code,
    text: `${what} (${opening.code}, ${opening.url}): no reader gets anything.`,
    culprit,
    change,
  };
}

function silent(opening: Extract<Opening, { kind: "silent" }>, parties: readonly Party[]): Finding {
  const { url, waitedMs, head } = opening;
  const wait = `${url} took the connection and sent no headers within ${showMs(waitedMs)}`;
  const never = "Readers see a connection that never opens.";
  if (head === undefined || head.status >= 500) {
    return {
      severity: "problem",
      code: "no-answer",
      text: `${wait}, not even for HEAD. ${never}`,
      culprit:
        "a server whose workers are all busy with other streams, one that sends its headers with the first " +
        "event only, or a proxy that holds the answer back",
      change: `the server flushes its headers at once; ${cureOf("buffering", parties).change}`,
    };
  }
  if (isSuspected("buffering", parties)) {
    return {
      severity: "problem",
      code: "buffered",
      text:
        `${wait}, but answers HEAD at once (${head.status}): the answer is held back until enough of it ` +
        `has come together. ${never}`,
      ...bufferingCure(parties, head.headers),
    };
  }
  const [party] = parties;
  const server = party === undefined ? "a server" : PARTY_NAMES[party];
  return {
    severity: "problem",
    code: "no-answer",
    text: `${wait}, but answers HEAD at once (${head.status}). ${never}`,
    culprit:
      `${server} that sends its headers with the first event only (Python's do), and has none; or something ` +
      "between that holds the answer back, and does not say who it is",
    change: `a comment (":\\n\\n") as the first thing that the server writes; if that is held back, too: ${cureOf("buffering", []).change}`,
  };
}

function redirected({ hops, last }: Extract<Opening, { kind: "answered" }>): readonly Finding[] {
  if (hops.length === 0) return [];
  const way = hops
    .slice(0, 3)
    .map(({ status, headers }) => `${status} to ${headers["location"] ?? "?"}`);
  const isLogin =
    isLoginPage(last) || hops.some(({ headers }) => LOGIN.test(headers["location"] ?? ""));
  if (isLogin) {
    return [
      {
        severity: "problem",
        code: "login-redirect",
        text:
          `The stream is redirected to a log-in (${way.join(", then ")}, which answers ${last.status}). ` +
          "A reader follows without asking anybody, and ends there: browsers then never try again.",
        culprit:
          "a session that has ended or was not shown; the log-in middleware of the application",
        change:
          "answer 401 for requests that accept text/event-stream; here: --cookie-env or --token-env",
      },
    ];
  }
  // That of a circle is told with its status.
  if (last.status >= 300 && last.status < 400) return [];
  return [
    {
      severity: "warning",
      code: "redirected",
      text:
        `The stream is redirected (${way.join(", then ")}). Every reconnect makes that way again, ` +
        "and headers such as Authorization are lost where it leads to another origin.",
      change: "ask for the last address at once",
    },
  ];
}

const LOGIN = /\b(?:log[-_]?in|sign[-_]?in|sso|auth(?:orize|enticate)?|oauth2?|saml)\b/i;

function isLoginPage({ page, url }: Hop): boolean {
  return page === "login" || LOGIN.test(new URL(url).pathname);
}

function contentType(last: Hop): readonly Finding[] {
  if (last.status !== 200) return [];
  const type = last.headers["content-type"];
  const [media = "", ...parameters] = (type ?? "").split(";");
  if (media.trim().toLowerCase() !== "text/event-stream") {
    const parties = partiesOf(last);
    return [
      {
        severity: "problem",
        code: "wrong-type",
        text:
          `The answer is ${type === undefined ? "without a type" : JSON.stringify(type)} and not ` +
          "text/event-stream. Browsers refuse it, and never try again.",
        ...wrongTypeCause(last, parties),
      },
    ];
  }
  const charset = parameters
    .map((text) => /charset=["']?([^"'\s]+)/i.exec(text)?.[1])
    .find(Boolean);
  if (charset === undefined || /^utf-?8$/i.test(charset)) return [];
  return [
    {
      severity: "warning",
      code: "charset",
      text: `The type names the charset ${charset}; event streams are UTF-8, and readers read them so.`,
      change: "Content-Type: text/event-stream; charset=utf-8",
    },
  ];
}

function wrongTypeCause({ headers, page }: Hop, parties: readonly Party[]) {
  if (page === "login") {
    return {
      culprit: "a log-in page in place of the stream",
      change:
        "answer 401 for requests that accept text/event-stream; here: --cookie-env or --token-env",
    };
  }
  if (page === "vite") {
    return {
      culprit: "the Vite dev server, which answers unknown paths with the page",
      change: VITE_PROXY,
    };
  }
  if (/html/i.test(headers["content-type"] ?? "")) {
    const [party] = parties;
    return {
      culprit: `a page in place of the stream${party === undefined ? "" : `, from ${PARTY_NAMES[party]}`}: the path leads to the application's page, not to the backend`,
      change:
        party === "nginx"
          ? "a location for the stream before the one with try_files … /index.html"
          : "a route for the stream before the one that answers everything with the page",
    };
  }
  return {
    culprit: "the endpoint itself, or a middleware that sets the type",
    change: "Content-Type: text/event-stream",
  };
}

function httpVersion({ httpVersion: version, url }: Hop): readonly Finding[] {
  if (version === "2") {
    return [
      {
        severity: "ok",
        code: "http-version",
        text: "HTTP/2: all streams of a page share one connection, up to about a hundred.",
      },
    ];
  }
  const isSecure = url.startsWith("https:");
  return [
    {
      severity: "warning",
      code: "http-version",
      text:
        `HTTP/${version}: a browser opens at most six connections to a host, over all of its tabs. ` +
        "With six streams open, everything else of that host waits, the seventh stream as well.",
      culprit: isSecure
        ? "no HTTP/2 was agreed on (ALPN)"
        : "no TLS: browsers speak HTTP/2 only with it",
      change:
        "listen 443 ssl http2;   (nginx), bind :443 ssl … alpn h2,http/1.1   (HAProxy), or Caddy as it is",
    },
    ...(version === "1.0"
      ? [
          {
            severity: "warning" as const,
            code: "http-1-0" as const,
            text: "HTTP/1.0: a stream that was cut looks like one that ended in good order.",
            change: "proxy_http_version 1.1;   (nginx)",
          },
        ]
      : []),
  ];
}
