import { anyScope, expectSame, type TestCase } from "../test-case.js";

const fatalStatuses = [204, 205, 210, 299, 404, 410, 503];
const statusFiles = ["request-status-error.htm", "request-status-error.window.js"];

/** What is sent, and which answers are streams. */
export const requestCases: readonly TestCase[] = [
  {
    name: "the request accepts text/event-stream and nothing else",
    covers: [
      "request-accept.any.js",
      "request-accept.htm",
      "submissions/MOSQUITO/accept-header-include-text-event-stream.html",
    ],
    scopes: anyScope,
    run: async (Subject, { origin, watch }) => {
      const { messages, until } = watch(new Subject(`${origin}/request-header?name=accept`));
      await until(() => messages.length > 0);
      expectSame(messages[0]?.data, "text/event-stream", "Accept");
    },
  },
  ...(["origin", "crossOrigin"] as const).map(
    (place): TestCase => ({
      name: `caches are bypassed, again and again, ${place === "origin" ? "at home" : "elsewhere"}`,
      covers: ["request-cache-control.any.js", "request-cache-control.htm"],
      scopes: anyScope,
      run: async (Subject, { [place]: origin, watch }) => {
        for (const round of ["first", "second"]) {
          const url = `${origin}/cors/request-header?name=cache-control`;
          const { source, messages, until } = watch(new Subject(url));
          await until(() => messages.length > 0);
          expectSame(messages[0]?.data, "no-cache", `Cache-Control of the ${round} request`);
          source.close();
        }
      },
    }),
  ),
  ...[
    { init: { withCredentials: true }, second: "second with cookie" },
    { init: { withCredentials: false }, second: "second without cookie" },
    { init: {}, second: "second without cookie" },
  ].map(
    ({ init, second }): TestCase => ({
      name: `cookies of another origin, made with ${JSON.stringify(init)}: ${second}`,
      covers: ["request-credentials.any.window.js", "request-credentials.htm"],
      run: async (Subject, { crossOrigin, watch, token }) => {
        const url = `${crossOrigin}/cors/cookie-twice?id=${token()}`;
        const { messages, until } = watch(new Subject(url, init));
        await until(() => messages.length >= 2);
        expectSame(
          messages.map(({ data }) => data),
          ["first without cookie", second],
          "data",
        );
      },
    }),
  ),
  ...[301, 302, 303, 307, 308].map(
    (status): TestCase => ({
      name: `a redirect is followed: ${status}`,
      covers: ["request-redirect.any.window.js", "request-redirect.htm"],
      run: async (Subject, { origin, watch }) => {
        const url = `${origin}/redirect?status=${status}&location=/message`;
        const { seen, until } = watch(new Subject(url));
        await until(() => seen.length > 0);
        expectSame(seen, ["open OPEN"], "the first event");
      },
    }),
  ),
  ...fatalStatuses.map(
    (status): TestCase => ({
      name: `a status that is not 200 fails the connection for good: ${status}`,
      covers: statusFiles,
      run: async (Subject, { origin, watch }) => {
        const { seen, until } = watch(new Subject(`${origin}/status-error?status=${status}`));
        await until(() => seen.length > 0);
        expectSame(seen, ["error CLOSED"], "the first event");
      },
    }),
  ),
  {
    name: "a status that is not 200 fails the connection for good, also on a reconnect: 404",
    covers: statusFiles,
    run: async (Subject, { origin, watch, token }) => {
      const url = `${origin}/reconnect-fail?status=404&id=${token()}`;
      const { seen, until } = watch(new Subject(url));
      const errors = () => seen.filter((event) => event.startsWith("error"));
      await until(() => errors().length >= 3);
      expectSame(errors(), ["error CONNECTING", "error CONNECTING", "error CLOSED"], "errors");
    },
  },
];
