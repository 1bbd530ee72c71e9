// Who stands between, as far as the headers of an answer and a page of theirs give it away.

import type { Hop, Observation } from "./observation.js";

/** Programs and services that are known by name. */
export type Party =
  | "nginx"
  | "caddy"
  | "haproxy"
  | "apache"
  | "envoy"
  | "varnish"
  | "iis"
  | "cloudflare"
  | "cloudfront"
  | "fastly"
  | "akamai"
  | "aws-elb"
  | "vite"
  | "express"
  | "gunicorn"
  | "werkzeug"
  | "uvicorn";

/** How each is called by people. */
export const PARTY_NAMES: Readonly<Record<Party, string>> = {
  nginx: "nginx",
  caddy: "Caddy",
  haproxy: "HAProxy",
  apache: "Apache httpd",
  envoy: "Envoy",
  varnish: "Varnish",
  iis: "IIS",
  cloudflare: "Cloudflare",
  cloudfront: "CloudFront",
  fastly: "Fastly",
  akamai: "Akamai",
  "aws-elb": "the load balancer of AWS",
  vite: "the Vite dev server",
  express: "Express",
  gunicorn: "gunicorn",
  werkzeug: "Flask's development server (Werkzeug)",
  uvicorn: "uvicorn",
};

type Sign = readonly [party: Party, header: string, pattern: RegExp];

const SIGNS: readonly Sign[] = [
  ["cloudflare", "cf-ray", /./],
  ["cloudflare", "server", /^cloudflare/i],
  ["cloudfront", "x-amz-cf-id", /./],
  ["cloudfront", "via", /cloudfront/i],
  ["fastly", "x-served-by", /^cache-/i],
  ["akamai", "server", /^AkamaiGHost/i],
  ["aws-elb", "server", /^awselb/i],
  ["varnish", "x-varnish", /./],
  ["varnish", "via", /varnish/i],
  ["caddy", "via", /caddy/i],
  ["caddy", "server", /^caddy/i],
  ["nginx", "server", /^(?:nginx|openresty)/i],
  ["nginx", "via", /nginx/i],
  ["haproxy", "via", /haproxy/i],
  ["apache", "server", /^Apache(?!-Coyote)/i],
  ["apache", "via", /Apache/],
  ["envoy", "server", /^(?:envoy|istio-envoy)/i],
  ["iis", "server", /^Microsoft-IIS/i],
  ["gunicorn", "server", /^gunicorn/i],
  ["werkzeug", "server", /^Werkzeug/i],
  ["uvicorn", "server", /^uvicorn/i],
  ["express", "x-powered-by", /^Express/i],
];

/** The parties that an answer gives away, the outermost first. */
export function partiesOf({ headers, page }: Pick<Hop, "headers" | "page">): readonly Party[] {
  const found = SIGNS.filter(([, header, pattern]) => pattern.test(headers[header] ?? "")).map(
    ([party]) => party,
  );
  const pages: Readonly<Record<string, Party>> = {
    vite: "vite",
    nginx: "nginx",
    haproxy: "haproxy",
  };
  const byPage = page === undefined ? undefined : pages[page];
  return [...new Set(byPage === undefined ? found : [byPage, ...found])];
}

/** The same for everything that was answered. */
export function partiesSeen({ opening }: Pick<Observation, "opening">): readonly Party[] {
  if (opening.kind === "unreachable") return [];
  const last = opening.kind === "answered" ? opening.last : opening.head;
  return [...new Set([last, ...opening.hops].flatMap((hop) => (hop ? partiesOf(hop) : [])))];
}
