// Whether pages of another origin can read, and whether pages can that should not.

import type { Finding } from "../finding.js";
import type { CorsAnswer, CorsSeen, Observation } from "../observation.js";

/** Findings about CORS. */
export function findOtherOrigins({ cors, stream }: Observation): readonly Finding[] {
  if (cors === undefined) return [];
  const { origin, simple, preflight, stranger } = cors;
  if (simple === undefined) {
    return [
      {
        severity: "warning",
        code: "cors",
        text: `The request of a page of ${origin} got no answer, so nothing is known of CORS.`,
      },
    ];
  }
  return [
    ...reading(cors, simple),
    ...(preflight === undefined ? [] : preflighted(origin, preflight)),
    ...(stranger === undefined ? [] : strangers(stranger)),
    ...(stream?.hello === undefined ? [] : exposed(simple)),
    ...varying(origin, simple),
  ];
}

function lets({ allowOrigin }: CorsAnswer, origin: string): boolean {
  return allowOrigin === "*" || allowOrigin === origin;
}

function reading({ origin }: CorsSeen, simple: CorsAnswer): readonly Finding[] {
  const { allowOrigin, allowCredentials } = simple;
  if (!lets(simple, origin)) {
    const got =
      allowOrigin === undefined ? "no Access-Control-Allow-Origin" : JSON.stringify(allowOrigin);
    return [
      {
        severity: "problem",
        code: "cors-origin",
        text: `Pages of ${origin} cannot read the stream (the answer has ${got}): they see an error without a reason.`,
        culprit: /, /.test(allowOrigin ?? "")
          ? "both the proxy and the backend, which each add the header"
          : "the server's list of origins",
        change: `Access-Control-Allow-Origin: ${origin}   (throughline serve --cors-origins ${origin})`,
      },
    ];
  }
  if (allowOrigin === "*" && allowCredentials) {
    return [
      {
        severity: "problem",
        code: "cors-credentials",
        text: "The answer allows every origin (*) and credentials, which contradict each other: browsers refuse it for requests with cookies.",
        change: `Access-Control-Allow-Origin: ${origin}`,
      },
    ];
  }
  return [
    {
      severity: "ok",
      code: "cors-origin",
      text: `Pages of ${origin} can read the stream, ${allowCredentials ? "also" : "not"} with cookies (withCredentials).`,
    },
  ];
}

function preflighted(
  origin: string,
  preflight: NonNullable<CorsSeen["preflight"]>,
): readonly Finding[] {
  const { status, allowHeaders } = preflight;
  const isAllowed = allowHeaders.includes("last-event-id") || allowHeaders.includes("*");
  if (status >= 200 && status < 300 && lets(preflight, origin) && isAllowed) {
    return [
      { severity: "ok", code: "cors-preflight", text: "The preflight allows Last-Event-ID." },
    ];
  }
  return [
    {
      severity: "warning",
      code: "cors-preflight",
      text:
        `The preflight (OPTIONS, answered ${status}) does not allow Last-Event-ID: browsers' own EventSource ` +
        "resumes without it, clients on fetch have to show their id in the query, and Authorization needs a preflight, too.",
      culprit:
        status === 401 || status === 403
          ? "a check of identity that also asks preflights, which have none"
          : "the server's answer to OPTIONS",
      change:
        "Access-Control-Allow-Headers: Last-Event-ID, Authorization, Cache-Control   with 204, without asking who it is",
    },
  ];
}

function strangers(stranger: CorsAnswer): readonly Finding[] {
  const reflects = stranger.allowOrigin?.includes("stranger.invalid") === true;
  if (reflects && stranger.allowCredentials) {
    return [
      {
        severity: "problem",
        code: "cors-reflects",
        text: "Any origin is allowed, with credentials: whatever page a signed-in user visits can read the stream in their name.",
        culprit: "a server that writes the request's Origin back without a list",
        change: "a list of origins; or no Access-Control-Allow-Credentials",
      },
    ];
  }
  if (reflects) {
    return [
      {
        severity: "warning",
        code: "cors-reflects",
        text: "Any origin is allowed, by writing it back. Without credentials that is what * says, but * is remembered by caches.",
        change: "Access-Control-Allow-Origin: *   or a list",
      },
    ];
  }
  return [];
}

function exposed({ exposeHeaders }: CorsAnswer): readonly Finding[] {
  if (exposeHeaders.includes("throughline-pulse") || exposeHeaders.includes("*")) return [];
  return [
    {
      severity: "warning",
      code: "cors-expose",
      text: "Pages of other origins cannot see throughline-pulse and Retry-After: a body that never begins is noticed late, and floors are not kept.",
      change: "Access-Control-Expose-Headers: throughline-pulse, retry-after, www-authenticate",
    },
  ];
}

function varying(origin: string, { allowOrigin, vary }: CorsAnswer): readonly Finding[] {
  if (allowOrigin !== origin || /(?:^|,)\s*(?:origin|\*)\s*(?:,|$)/i.test(vary ?? "")) return [];
  return [
    {
      severity: "warning",
      code: "cors-vary",
      text: "The answer depends on the origin and does not say so: a cache may give one origin the answer for another.",
      change: "Vary: Origin",
    },
  ];
}
