import { anyScope, expectSame, pause, type TestCase } from "../test-case.js";

/** Opening, listening, ending, coming back, closing. */
export const lifecycleCases: readonly TestCase[] = [
  {
    name: "readyState goes from CONNECTING to OPEN, and to CLOSED with close()",
    covers: [
      "eventsource-close.htm",
      "eventsource-close.js",
      "eventsource-close.window.js",
      "eventsource-readyState.html",
      "dedicated-worker/eventsource-close.htm",
      "dedicated-worker/eventsource-close.js",
      "shared-worker/eventsource-close.htm",
      "shared-worker/eventsource-close.js",
      "submissions/MOSQUITO/user-agent-announce-connection.html",
    ],
    scopes: ["window", "dedicated-worker", "shared-worker"],
    run: async (Subject, { origin, watch }) => {
      const { source, seen } = watch(new Subject(`${origin}/message`));
      const states = [source.readyState];
      await new Promise<void>((resolve) => {
        source.onopen = () => {
          states.push(source.readyState);
          source.close();
          states.push(source.readyState);
          resolve();
        };
      });
      expectSame(states, [Subject.CONNECTING, Subject.OPEN, Subject.CLOSED], "ready states");
      await pause(100);
      expectSame(seen, ["open OPEN"], "events, to the end");
    },
  },
  {
    name: "close() before anything came closes for good, without an event",
    covers: ["eventsource-readyState.html"],
    run: async (Subject, { origin, watch }) => {
      const { source, seen } = watch(new Subject(`${origin}/message`));
      source.close();
      expectSame(source.readyState, Subject.CLOSED, "readyState");
      await pause(200);
      expectSame(seen, [], "events");
    },
  },
  {
    name: "open is a plain event that does not bubble and cannot be cancelled",
    covers: [
      "eventsource-onopen.any.js",
      "eventsource-onopen.htm",
      "eventsource-onopen.js",
      "dedicated-worker/eventsource-onopen.htm",
      "dedicated-worker/eventsource-onopen.js",
      "shared-worker/eventsource-onopen.htm",
      "shared-worker/eventsource-onopen.js",
    ],
    scopes: ["window", "dedicated-worker", "shared-worker"],
    run: async (Subject, { origin, watch }) => {
      const { source } = watch(new Subject(`${origin}/message`));
      const event = await new Promise<Event>((resolve) => {
        source.onopen = resolve;
      });
      const { type, bubbles, cancelable } = event;
      const isMessage = "data" in event;
      const wanted = { type: "open", bubbles: false, cancelable: false, isMessage: false };
      expectSame({ type, bubbles, cancelable, isMessage }, wanted, "the event");
      expectSame(event.target === source, true, "the source is the event's target");
    },
  },
  {
    name: "onmessage is called with the data, and this is the source",
    covers: [
      "eventsource-onmessage.any.js",
      "eventsource-onmessage.htm",
      "eventsource-onmessage.js",
      "dedicated-worker/eventsource-onmesage.htm",
      "dedicated-worker/eventsource-onmesage.js",
      "dedicated-worker/eventsource-onmessage.htm",
      "shared-worker/eventsource-onmesage.htm",
      "shared-worker/eventsource-onmesage.js",
      "shared-worker/eventsource-onmessage.htm",
    ],
    scopes: ["window", "dedicated-worker", "shared-worker"],
    run: async (Subject, { origin, watch }) => {
      const { source } = watch(new Subject(`${origin}/message`));
      const [self, event] = await new Promise<[unknown, MessageEvent<unknown>]>((resolve) => {
        source.onmessage = function (received) {
          resolve([this, received]);
        };
      });
      expectSame(event.data, "data", "data");
      expectSame(self === source, true, "this is the source");
    },
  },
  {
    name: "a listener added by addEventListener is called, and this is the source",
    covers: [
      "eventsource-eventtarget.any.js",
      "eventsource-eventtarget.htm",
      "eventsource-eventtarget.js",
      "dedicated-worker/eventsource-eventtarget.worker.js",
      "shared-worker/eventsource-eventtarget.htm",
      "shared-worker/eventsource-eventtarget.js",
    ],
    scopes: ["window", "dedicated-worker", "shared-worker"],
    run: async (Subject, { origin, watch }) => {
      const { source } = watch(new Subject(`${origin}/message`));
      const [self, event] = await new Promise<[unknown, MessageEvent<unknown>]>((resolve) => {
        const listener = function (this: EventSource, received: MessageEvent<unknown>) {
          resolve([this, received]);
        };
        source.addEventListener("message", listener, false);
      });
      expectSame(event.data, "data", "data");
      expectSame(self === source, true, "this is the source");
    },
  },
  {
    name: "message events are trusted",
    covers: ["eventsource-onmessage-trusted.any.js", "eventsource-onmessage-trusted.htm"],
    scopes: anyScope,
    run: async (Subject, { origin, watch }) => {
      const { messages, until } = watch(new Subject(`${origin}/message`));
      await until(() => messages.length > 0);
      expectSame(messages[0]?.isTrusted, true, "isTrusted");
    },
  },
  {
    name: "a source made in a worker that has closed itself is connecting",
    covers: ["dedicated-worker/eventsource-close2.htm", "dedicated-worker/eventsource-close2.js"],
    run: async (Subject, { origin, folder, afterwards }) => {
      const script = `importScripts(${JSON.stringify(`${folder}/suite.js`)});
        self.close();
        const source = new webPlatform.Subject(${JSON.stringify(`${origin}/message`)});
        postMessage(source.readyState);`;
      const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
      const worker = new Worker(url);
      afterwards(() => {
        worker.terminate();
        URL.revokeObjectURL(url);
      });
      const readyState = await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      });
      expectSame(readyState, Subject.CONNECTING, "readyState");
    },
  },
  {
    name: "a stream that ends is asked for again, until the server answers 204",
    covers: ["eventsource-close.htm", "eventsource-close.js", "eventsource-close.window.js"],
    run: async (Subject, { origin, watch, token }) => {
      const { seen, until } = watch(new Subject(`${origin}/reconnect-fail?id=${token()}`));
      await until(() => seen.includes("error CLOSED"));
      await pause(100);
      const connection = (data: string) => ["open OPEN", `message OPEN ${data}`];
      const lost = "error CONNECTING";
      const wanted = [...connection("opened"), lost, ...connection("reconnected"), lost];
      expectSame(seen, [...wanted, "error CLOSED"], "events");
    },
  },
  {
    name: "a stream that ends before any event is asked for again",
    covers: [
      "eventsource-reconnect.htm",
      "eventsource-reconnect.js",
      "eventsource-reconnect.window.js",
    ],
    run: async (Subject, { origin, watch, token }) => {
      const { messages, until } = watch(new Subject(`${origin}/status-reconnect?id=${token()}`));
      await until(() => messages.length > 0);
      expectSame(
        messages.map(({ data }) => data),
        ["data"],
        "data",
      );
    },
  },
  {
    name: "between two streams there is one error event, with readyState CONNECTING",
    covers: [
      "eventsource-reconnect.htm",
      "eventsource-reconnect.js",
      "eventsource-reconnect.window.js",
    ],
    run: async (Subject, { origin, watch, token }) => {
      const url = `${origin}/status-reconnect?okFirst&id=${token()}`;
      const { seen, messages, until } = watch(new Subject(url));
      await until(() => messages.length === 2);
      const wanted = ["open OPEN", "message OPEN ok", "error CONNECTING"];
      expectSame(seen, [...wanted, "open OPEN", "message OPEN data"], "events");
    },
  },
  {
    name: "window.stop() closes a source that is connecting, for good",
    covers: [
      "eventsource-request-cancellation.any.js",
      "eventsource-request-cancellation.htm",
      "eventsource-request-cancellation.js",
      "eventsource-request-cancellation.window.js",
    ],
    apart: true,
    run: async (Subject, { origin, watch }) => {
      const body = encodeURIComponent("retry: 1000\ndata: abc\n\n");
      const url = `${origin}/message?sleepMs=1000&body=${body}`;
      const { seen, until } = watch(new Subject(url));
      // Firefox does not stop a source in the task in which it was made, nor in the next.
      await pause(100);
      window.stop();
      await until(() => seen.length > 0);
      expectSame(seen, ["error CLOSED"], "the first event");
      await pause(1000);
      expectSame(seen, ["error CLOSED"], "events, a second later");
    },
  },
  {
    name: "the connection ends while the page is in the back/forward cache, and comes back with it",
    covers: ["eventsource-bfcache.window.js"],
    run: async (_, { folder, token }) => {
      const id = token();
      window.open(`${folder}/page/cached.html?token=${id}`, "_blank", "noopener");
      const wanted = [0, 1, 0, 1];
      let history: unknown[] = [];
      for (const start = Date.now(); Date.now() - start < 10_000; await pause(100)) {
        const response = await fetch(`/connections/history?token=${id}`);
        history = (await response.json()) as unknown[];
        if (history.length >= wanted.length) {
          break;
        }
      }
      expectSame(history, wanted, "numbers of open connections");
    },
  },
];
