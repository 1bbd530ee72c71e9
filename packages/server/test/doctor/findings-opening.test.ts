import { describe, expect, it } from "vitest";
import { timeoutOwner } from "../../src/doctor/cures.js";
import { diagnose } from "../../src/doctor/diagnose.js";
import type { Hop } from "../../src/doctor/observation.js";
import { partiesOf } from "../../src/doctor/parties.js";
import { answered, find, hop, hopWith, seen, troubles } from "./seen.js";

describe("findings", () => {
  it("are all well for a stream that is, and come with the worst first", () => {
    expect(troubles(seen())).toEqual([]);
    const severities = diagnose(
      seen({
        opening: {
          kind: "answered",
          hops: [],
          last: hopWith({ "content-length": "5", "content-encoding": "gzip" }),
        },
      }),
    ).map(({ severity }) => severity);
    expect(severities.slice(0, 3)).toEqual(["problem", "warning", "ok"]);
  });
});

describe("findings about an address that is not reached", () => {
  it.each([
    ["ECONNREFUSED", "Nobody listens there"],
    ["ENOTFOUND", "There is no such name"],
    ["ETIMEDOUT", "The address does not answer"],
    ["EPROTO", "does not speak TLS"],
    ["HPE_HEADER_OVERFLOW", "larger than 16 KiB"],
    ["HPE_INVALID_CONSTANT", "does not speak HTTP"],
    ["ECONNRESET", "ended before there was an answer"],
  ])("say in words what %s is", (code, words) => {
    const observation = seen({
      opening: { kind: "unreachable", url: "http://a.example/", code },
      stream: undefined,
    });
    expect(troubles(observation)).toEqual(["problem unreachable"]);
    expect(find(observation, "unreachable")?.text).toContain(words);
  });

  it.each(["DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID"])(
    "tell a certificate that is not believed: %s",
    (code) => {
      const opening = { kind: "unreachable", url: "https://a.example/", code } as const;
      expect(troubles(seen({ opening, stream: undefined }))).toEqual(["problem certificate"]);
    },
  );
});

describe("findings about an answer that does not come", () => {
  const silent = (head: Hop | undefined) =>
    seen({
      opening: { kind: "silent", url: "http://a.example/", waitedMs: 10_000, hops: [], head },
      stream: undefined,
    });

  it("name whoever answers HEAD, and what it does beside that", () => {
    const observation = silent(hopWith({ server: "nginx", "content-encoding": "gzip" }));
    expect(troubles(observation)).toEqual(["problem buffered", "warning compressed"]);
    expect(find(observation, "buffered")).toMatchObject({
      culprit: "nginx",
      change: expect.stringContaining("proxy_buffering off;"),
    });
  });

  it("suspect servers that wait for their first event, where nobody between is known", () => {
    const flask = silent(hopWith({ server: "Werkzeug/3.0" }));
    expect(troubles(flask)).toEqual(["problem no-answer"]);
    expect(find(flask, "no-answer")?.culprit).toContain("Werkzeug");
    expect(find(silent(hop()), "no-answer")?.change).toContain("as the first thing");
  });

  it("do not advise a hub behind nginx to say what it says", () => {
    const pulse = { "throughline-pulse": "interval=1000, deadline=1700" };
    const cure = find(silent(hopWith({ server: "nginx", ...pulse })), "buffered");
    expect(cure?.change).toContain("look for proxy_ignore_headers");
  });

  it.each([undefined, hop({ status: 502 })])(
    "leave open who it is where HEAD says nothing",
    (head) => {
      expect(troubles(silent(head))).toEqual(["problem no-answer"]);
    },
  );
});

describe("findings about a status", () => {
  it.each([
    [204, "warning"],
    [302, "problem"],
    [400, "problem"],
    [401, "problem"],
    [403, "problem"],
    [404, "problem"],
    [405, "problem"],
    [429, "problem"],
    [500, "problem"],
    [502, "problem"],
  ])("take %i as a %s", (status, severity) => {
    expect(troubles(answered(hop({ status })))).toEqual([`${severity} status-${status}`]);
  });

  it("say who refuses, and when to come back", () => {
    const refused = answered(
      hop({ status: 503, headers: { server: "cloudflare", "retry-after": "7" } }),
    );
    expect(find(refused, "status-503")?.text).toMatch(/503 \(from Cloudflare\).*Retry-After: 7\./);
  });

  it("tell a refusal without credentials from one of those that were shown", () => {
    const refused = answered(hop({ status: 401 }));
    expect(find(refused, "status-401")?.change).toContain("--token-env");
    const shown = { ...refused, asked: { withToken: false, withCookie: true } };
    expect(find(shown, "status-401")?.culprit).toContain("the cookie that was shown");
    expect(find(answered(hop({ status: 403 })), "status-403")?.text).toContain("not allowed");
  });

  it("know a proxy of Vite without a backend, and a path that Vite passes on to nobody", () => {
    const failed = find(answered(hop({ status: 500, page: "vite" })), "status-500");
    expect(failed?.culprit).toContain("does not reach the backend");
    const missing = find(answered(hop({ status: 404, page: "vite" })), "status-404");
    expect(missing?.culprit).toContain("passes nothing on");
  });
});

describe("findings about redirects", () => {
  const moved = (location: string) => hop({ status: 302, headers: { location } });

  it("see a log-in by its address or by its page, and say nothing else", () => {
    const byAddress = answered(hop({ status: 405 }), [moved("https://app.example/login?next=…")]);
    expect(troubles(byAddress)).toEqual(["problem login-redirect"]);
    const byPage = answered(hop({ page: "login", headers: { "content-type": "text/html" } }), [
      moved("https://app.example/start"),
    ]);
    expect(troubles(byPage)).toEqual(["problem login-redirect"]);
  });

  it("warn of one that leads to a stream", () => {
    const opening = {
      kind: "answered",
      hops: [moved("https://b.example/"), hop({ status: 301 })],
      last: hop(),
    } as const;
    expect(troubles(seen({ opening }))).toEqual(["warning redirected"]);
  });

  it("tell of a circle once", () => {
    const hops = Array.from({ length: 5 }, () => moved("https://app.example/streams/feed"));
    expect(troubles(answered(moved("https://app.example/streams/feed"), hops))).toEqual([
      "problem status-302",
    ]);
  });
});

describe("findings about the type", () => {
  it.each<[string | undefined, Hop["page"], string]>([
    ["text/html", "vite", "Vite dev server"],
    ["text/html", "login", "log-in page"],
    ["text/html", "other", "a page in place of the stream"],
    ["application/json", "other", "the endpoint itself"],
    [undefined, undefined, "the endpoint itself"],
  ])("refuse %s (%s), and suspect %s", (type, page, culprit) => {
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const observation = answered(hop({ headers, page }));
    expect(troubles(observation)).toEqual(["problem wrong-type"]);
    expect(find(observation, "wrong-type")?.culprit).toContain(culprit);
  });

  it("name the line of nginx where it answers with the page", () => {
    const page = answered(
      hop({ headers: { "content-type": "text/html", server: "nginx" }, page: "other" }),
    );
    expect(find(page, "wrong-type")).toMatchObject({
      culprit: expect.stringContaining("nginx"),
      change: expect.stringContaining("try_files"),
    });
  });

  it.each([
    ["text/event-stream; charset=utf-8", []],
    ['TEXT/EVENT-STREAM;charset="UTF-8"', []],
    ["text/event-stream; charset=iso-8859-1", ["warning charset"]],
  ])("have for %s: %j", (type, expected) => {
    const last = hopWith({ "content-type": type });
    expect(troubles(seen({ opening: { kind: "answered", hops: [], last } }))).toEqual(expected);
  });
});

describe("findings about the version of HTTP", () => {
  const over = (httpVersion: string, url: string) =>
    seen({ opening: { kind: "answered", hops: [], last: hop({ httpVersion, url }) } });

  it("warn of six connections, with the reason why there is no HTTP/2", () => {
    const plain = over("1.1", "http://app.example/");
    expect(troubles(plain)).toEqual(["warning http-version"]);
    expect(find(plain, "http-version")?.culprit).toContain("no TLS");
    expect(find(over("1.1", "https://app.example/"), "http-version")?.culprit).toContain("ALPN");
  });

  it("warn of HTTP/1.0, whose end says nothing", () => {
    expect(troubles(over("1.0", "http://a/"))).toEqual([
      "warning http-version",
      "warning http-1-0",
    ]);
  });
});

describe("those between", () => {
  it.each([
    [{ server: "nginx/1.22.1" }, ["nginx"]],
    [{ server: "Caddy" }, ["caddy"]],
    [{ via: "1.1 Caddy", server: "gunicorn" }, ["caddy", "gunicorn"]],
    [{ server: "cloudflare", "cf-ray": "8a-FRA" }, ["cloudflare"]],
    [{ "x-powered-by": "Express" }, ["express"]],
    [{ server: "Apache-Coyote/1.1" }, []],
    [{ server: "Werkzeug/3.0 Python/3.11" }, ["werkzeug"]],
    [{ server: "awselb/2.0" }, ["aws-elb"]],
  ])("are known by %j", (headers, expected) => {
    expect(partiesOf({ headers: { ...headers } })).toEqual(expected);
  });

  it("are known by their pages, too", () => {
    expect(partiesOf({ headers: {}, page: "haproxy" })).toEqual(["haproxy"]);
  });

  it("own no timeout that nobody knows", () => {
    expect(timeoutOwner(42_000)).toBeUndefined();
  });
});
