import { anyScope, expectSame, type TestCase } from "../test-case.js";

const corsFiles = [
  "eventsource-cross-origin.htm",
  "eventsource-cross-origin.js",
  "eventsource-cross-origin.window.js",
];

/** The credentials file belongs here too: its server sends ids, and knows nothing of preflights. */
const preflightFiles = [
  "eventsource-cross-origin-preflight.window.js",
  "request-credentials.any.window.js",
  "request-credentials.htm",
];

/** Streams of another origin, and what its server must allow. */
export const crossOriginCases: readonly TestCase[] = [
  ...[
    { name: "a stream of another origin", path: "/cors/message" },
    {
      name: "a redirected stream of another origin",
      path: "/cors/redirect?location=/cors/message",
    },
    { name: "the second stream of another origin", path: "/cors/status-reconnect" },
  ].map(
    ({ name, path }): TestCase => ({
      name: `${name} is read with credentials where the server allows it`,
      covers: corsFiles,
      run: async (Subject, { crossOrigin, watch, token }) => {
        const url = new URL(path, crossOrigin);
        url.searchParams.set("id", token());
        const { messages, until } = watch(new Subject(url, { withCredentials: true }));
        await until(() => messages.length > 0);
        const got = messages.map(({ data, origin }) => ({ data, origin }));
        expectSame(got, [{ data: "data", origin: crossOrigin }], "events");
      },
    }),
  ),
  ...[
    { name: "allows another origin", path: "/cors/message?origin=http://example.org", init: {} },
    { name: "allows an empty origin", path: "/cors/message?origin=", init: {} },
    { name: "says nothing of origins", path: "/message", init: {} },
    {
      name: "says nothing of credentials",
      path: "/cors/message?credentials=none",
      init: { withCredentials: true },
    },
  ].map(
    ({ name, path, init }): TestCase => ({
      name: `the connection fails for good where the server ${name}`,
      covers: corsFiles,
      run: async (Subject, { crossOrigin, watch }) => {
        const { seen, messages, until } = watch(new Subject(`${crossOrigin}${path}`, init));
        await until(() => seen.length > 0);
        expectSame(seen, ["error CLOSED"], "the first event");
        expectSame(messages.length, 0, "message events");
      },
    }),
  ),
  {
    name: "the origin of an event is that of the last URL after a redirect to another origin",
    covers: ["eventsource-cross-origin-redirect-origin.any.js"],
    scopes: anyScope,
    run: async (Subject, { origin, crossOrigin, watch }) => {
      const target = encodeURIComponent(`${crossOrigin}/cors/message`);
      const { seen, messages, until } = watch(new Subject(`${origin}/redirect?location=${target}`));
      await until(() => seen.some((event) => !event.startsWith("open")));
      expectSame(seen, ["open OPEN", "message OPEN data"], "events");
      expectSame(messages[0]?.origin, crossOrigin, "origin");
    },
  },
  ...[
    { kind: "safe", id: "abc", preflight: undefined },
    { kind: "too long", id: "a".repeat(255), preflight: "last-event-id" },
    { kind: "of unsafe characters", id: "e5p3n<3k0k0s", preflight: "last-event-id" },
  ].map(
    ({ kind, id, preflight }): TestCase => ({
      name: `a Last-Event-ID that is ${kind} goes to another origin ${
        preflight === undefined ? "without" : "after"
      } a preflight`,
      covers: ["eventsource-cross-origin-preflight.window.js"],
      run: async (Subject, { crossOrigin, watch, token }) => {
        const query = new URLSearchParams({ id, token: token() });
        const url = `${crossOrigin}/cors/resume-across-origins?${query}`;
        const { messages, until } = watch(new Subject(url), ["resumed"]);
        await until(() => messages.length >= 2);
        const wanted = ["first", JSON.stringify({ header: id, preflight })];
        expectSame(
          messages.map(({ data }) => data),
          wanted,
          "data",
        );
      },
    }),
  ),
  {
    name: "a server of another origin that refuses preflights gets its reader back",
    covers: preflightFiles,
    run: async (Subject, { crossOrigin, watch, token }) => {
      const query = new URLSearchParams({ id: "abc", token: token(), preflight: "refused" });
      const url = `${crossOrigin}/cors/resume-across-origins?${query}`;
      const { messages, until } = watch(new Subject(url), ["resumed"]);
      await until(() => messages.length >= 2);
      const types = messages.map(({ type }) => type);
      expectSame(types, ["message", "resumed"], "types");
    },
  },
  {
    name: "a server of another origin that refuses preflights is shown the last id all the same",
    covers: preflightFiles,
    run: async (Subject, { crossOrigin, watch, token }) => {
      const query = new URLSearchParams({ id: "abc", token: token(), preflight: "refused" });
      const url = `${crossOrigin}/cors/resume-across-origins?${query}`;
      const { messages, until } = watch(new Subject(url), ["resumed"]);
      await until(() => messages.length >= 2);
      const { header } = JSON.parse(String(messages[1]?.data)) as { header: string };
      expectSame(header, "abc", "Last-Event-ID of the second request");
    },
  },
];
