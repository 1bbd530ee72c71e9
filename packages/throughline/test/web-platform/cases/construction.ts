import { anyScope, expectSame, type TestCase } from "../test-case.js";

/** Constructing: what becomes of the URL, what throws, what can be seen of a new source. */
export const constructionCases: readonly TestCase[] = [
  {
    name: "an object is turned into a URL by its toString",
    covers: [
      "eventsource-constructor-stringify.htm",
      "eventsource-constructor-stringify.js",
      "eventsource-constructor-stringify.window.js",
    ],
    run: async (Subject, { origin, watch }) => {
      const url = { toString: () => `${origin}/message` };
      const { seen, events, until } = watch(new Subject(url as unknown as string));
      await until(() => seen.length > 0);
      expectSame(seen, ["open OPEN"], "the first event");
      expectSame(
        events.map((event) => Object.hasOwn(event, "data")),
        [false],
        "it has data",
      );
    },
  },
  {
    name: "a number, null and undefined are turned into relative URLs",
    covers: [
      "eventsource-constructor-stringify.htm",
      "eventsource-constructor-stringify.js",
      "eventsource-constructor-stringify.window.js",
    ],
    run: (Subject, { watch }) => {
      for (const value of [1, null, undefined]) {
        const { source } = watch(new Subject(value as unknown as string));
        expectSame(source.url, new URL(String(value), location.href).href, `url of ${value}`);
      }
    },
  },
  {
    name: "a relative URL is resolved against the page or the worker script",
    covers: [
      "eventsource-url.any.js",
      "eventsource-url.htm",
      "eventsource-url.js",
      "dedicated-worker/eventsource-url.htm",
      "dedicated-worker/eventsource-url.js",
      "shared-worker/eventsource-url.htm",
      "shared-worker/eventsource-url.js",
    ],
    scopes: ["window", "dedicated-worker", "shared-worker"],
    run: (Subject, { watch }) => {
      const { source } = watch(new Subject("../streams/news?of=today"));
      const folder = location.href.slice(0, location.href.lastIndexOf("/"));
      const parent = folder.slice(0, folder.lastIndexOf("/"));
      expectSame(source.url, `${parent}/streams/news?of=today`, "url");
    },
  },
  {
    name: "an empty URL is the page's or the worker script's own",
    covers: [
      "eventsource-constructor-empty-url.any.js",
      "eventsource-constructor-empty-url.html",
      "eventsource-constructor-empty-url.js",
    ],
    scopes: ["window", "dedicated-worker", "shared-worker", "service-worker"],
    run: (Subject, { watch }) => {
      expectSame(watch(new Subject("")).source.url, location.href, "url");
    },
  },
  ...[
    { name: "a URL that cannot be parsed", url: "http://[not.an.address/" },
    // As the suite has it. A host with spaces is no host, but not every URL parser says so.
    { name: "a URL with spaces in its host", url: "http://this is invalid/" },
  ].map(
    ({ name, url }): TestCase => ({
      name: `${name} throws a SyntaxError`,
      covers: [
        "eventsource-constructor-url-bogus.any.js",
        "eventsource-constructor-url-bogus.htm",
        "dedicated-worker/eventsource-constructor-url-bogus.htm",
        "dedicated-worker/eventsource-constructor-url-bogus.js",
        "shared-worker/eventsource-constructor-url-bogus.htm",
        "shared-worker/eventsource-constructor-url-bogus.js",
      ],
      scopes: ["window", "dedicated-worker", "shared-worker", "service-worker"],
      run: (Subject, { watch }) => {
        const thrown = thrownBy(() => watch(new Subject(url)));
        expectSame(thrown instanceof DOMException, true, "a DOMException was thrown");
        const { name, code } = thrown as DOMException;
        expectSame({ name, code }, { name: "SyntaxError", code: DOMException.SYNTAX_ERR }, "it");
      },
    }),
  ),
  {
    name: "a call without new throws a TypeError",
    covers: ["dedicated-worker/eventsource-constructor-no-new.any.js"],
    scopes: anyScope,
    run: (Subject) => {
      const call = Subject as unknown as (url: string) => unknown;
      expectSame(thrownBy(() => call("")) instanceof TypeError, true, "a TypeError was thrown");
    },
  },
  {
    name: "what is added to the prototype is found on every source",
    covers: [
      "eventsource-prototype.any.js",
      "eventsource-prototype.htm",
      "eventsource-prototype.js",
      "dedicated-worker/eventsource-prototype.htm",
      "dedicated-worker/eventsource-prototype.js",
      "shared-worker/eventsource-prototype.htm",
      "shared-worker/eventsource-prototype.js",
    ],
    scopes: ["window", "dedicated-worker", "shared-worker"],
    run: (Subject, { origin, watch, afterwards }) => {
      const prototype = Subject.prototype as EventSource & { addedByTest?: () => string };
      prototype.addedByTest = () => "found";
      afterwards(() => {
        delete prototype.addedByTest;
      });
      const { source } = watch(new Subject(`${origin}/message`));
      expectSame((source as typeof prototype).addedByTest?.(), "found", "the added method");
      expectSame(Object.hasOwn(globalThis, "EventSource"), true, "the global is there");
    },
  },
  ...["ftp://example.not/", "about:blank", "mailto:someone@example.not", "javascript:void 0"].map(
    (url): TestCase => ({
      name: `a URL that is not for HTTP fails for good: ${url}`,
      covers: [
        "eventsource-constructor-non-same-origin.htm",
        "eventsource-constructor-non-same-origin.window.js",
        "dedicated-worker/eventsource-constructor-non-same-origin.htm",
        "dedicated-worker/eventsource-constructor-non-same-origin.js",
        "shared-worker/eventsource-constructor-non-same-origin.htm",
        "shared-worker/eventsource-constructor-non-same-origin.js",
      ],
      scopes: ["window", "dedicated-worker", "shared-worker"],
      run: async (Subject, { watch }) => {
        const { seen, messages, until } = watch(new Subject(url));
        await until(() => seen.length > 0);
        expectSame(seen, ["error CLOSED"], "the first event");
        expectSame(messages.length, 0, "message events");
      },
    }),
  ),
  {
    name: "a source works in a page that has set document.domain",
    covers: [
      "eventsource-constructor-document-domain.htm",
      "eventsource-constructor-document-domain.window.js",
    ],
    apart: true,
    run: async (Subject, { origin, watch }) => {
      // biome-ignore lint/correctness/noSelfAssign: the setter is what the case is about.
      document.domain = document.domain;
      const { seen, events, messages, until } = watch(new Subject(`${origin}/message`));
      await until(() => seen.length > 0);
      expectSame(seen, ["open OPEN"], "the first event");
      expectSame(messages.length, 0, "it is a message event");
      expectSame(
        events.map((event) => [event.bubbles, event.cancelable]),
        [[false, false]],
        "it",
      );
    },
  },
  {
    name: "the class of a frame resolves URLs against that frame",
    covers: ["eventsource-constructor-url-multi-window.htm"],
    run: async (_, { folder, watch, afterwards }) => {
      const frame = await openFrame(`${folder}/page/inner/frame.html`, afterwards);
      const { source, seen, messages, until } = watch(new frame.webPlatform.Subject("message"));
      expectSame(source.url, `${folder}/page/inner/message`, "url");
      await until(() => messages.length > 0);
      expectSame(seen, ["open OPEN", "message OPEN data"], "events");
    },
  },
  {
    name: "a message event belongs to the realm of its source",
    covers: ["eventsource-onmessage-realm.htm"],
    run: async (_, { folder, watch, afterwards }) => {
      const frame = await openFrame(`${folder}/page/inner/frame.html`, afterwards);
      const { messages, until } = watch(new frame.webPlatform.Subject("message"));
      await until(() => messages.length > 0);
      const isOfFrame = messages[0]?.constructor === frame.MessageEvent;
      expectSame(isOfFrame, true, "the event is of the frame's class");
    },
  },
];

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function openFrame(
  url: string,
  afterwards: (cleanup: () => void) => void,
): Promise<Window & typeof globalThis> {
  const element = document.createElement("iframe");
  element.src = url;
  document.body.append(element);
  afterwards(() => element.remove());
  await new Promise((resolve) => element.addEventListener("load", resolve, { once: true }));
  const frame = element.contentWindow;
  if (frame === null) {
    throw new Error("the frame has no window");
  }
  // Of the same origin, so it is a whole global object.
  return frame as Window & typeof globalThis;
}
