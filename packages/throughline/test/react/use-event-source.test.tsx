// @vitest-environment happy-dom

import { cleanup, render, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { Activity, Component, StrictMode } from "react";
import { EventSource, type EventSourceOptions } from "throughline";
import type { UseEventSourceOptions } from "throughline/react";
import { ThroughlineProvider, useEventSource } from "throughline/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFakeFetch } from "./fake-fetch.js";
import { after, blocks, FEED, OTHER_FEED, pass } from "./stage.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function Reader({ url = FEED, ...options }: UseEventSourceOptions & { url?: string | null }) {
  return useEventSource(url, options).connection.state;
}

describe("opening and closing", () => {
  test("a mounted component has one connection", async () => {
    const server = createFakeFetch();
    const { container } = render(<Reader fetch={server.fetch} />);
    await pass();
    expect(server.requests.map(({ url }) => url)).toEqual([FEED]);
    expect(container.textContent).toBe("live");
  });

  test("StrictMode makes no second request", async () => {
    const server = createFakeFetch();
    const { container } = render(<Reader fetch={server.fetch} />, { wrapper: StrictMode });
    await pass();
    expect(server.requests).toHaveLength(1);
    expect(server.open).toHaveLength(1);
    expect(container.textContent).toBe("live");
  });

  test("a component that is mounted and unmounted at once makes no request", async () => {
    const server = createFakeFetch();
    render(<Reader fetch={server.fetch} />).unmount();
    await pass(60_000);
    expect(server.requests).toHaveLength(0);
  });

  test("components that come and go leave no request behind", async () => {
    const server = createFakeFetch({ answersAtOnce: false });
    for (let round = 0; round < 30; round += 1) {
      const { unmount } = render(<Reader fetch={server.fetch} />, { wrapper: StrictMode });
      await pass(round % 3);
      if (round % 2 === 0) await after(() => server.newest.respond());
      unmount();
    }
    await pass(60_000);
    expect(server.requests).toHaveLength(30);
    expect(server.open).toHaveLength(0);
  });

  test("a component that is unmounted while it waits for its next attempt makes no more", async () => {
    const server = createFakeFetch();
    const { unmount } = render(<Reader fetch={server.fetch} />);
    await pass();
    await after(() => server.newest.break());
    unmount();
    await pass(60_000);
    expect(server.requests).toHaveLength(1);
  });

  test.each([null, ""])("without a URL (%j) there is no connection", async (url) => {
    const server = createFakeFetch();
    const { container } = render(<Reader url={url} fetch={server.fetch} />);
    await pass(60_000);
    expect(server.requests).toHaveLength(0);
    expect(container.textContent).toBe("idle");
  });

  test("a URL that is taken away closes the connection", async () => {
    const server = createFakeFetch();
    const { container, rerender } = render(<Reader fetch={server.fetch} />);
    await pass();
    rerender(<Reader url={null} fetch={server.fetch} />);
    await pass();
    expect(server.open).toHaveLength(0);
    expect(container.textContent).toBe("idle");
  });

  test("a changed URL replaces the connection, and nothing of the former one is heard", async () => {
    const server = createFakeFetch();
    const onMessage = vi.fn();
    const { rerender } = render(<Reader fetch={server.fetch} onMessage={onMessage} />);
    await pass();
    rerender(<Reader url={OTHER_FEED} fetch={server.fetch} onMessage={onMessage} />);
    await after(() => server.requests[0]?.send(blocks(["of the former"])));
    await after(() => server.newest.send(blocks(["of the new"])));
    expect(server.open.map(({ url }) => url)).toEqual([OTHER_FEED]);
    expect(onMessage.mock.calls.map(([event]) => event.data)).toEqual(["of the new"]);
  });

  test("a new URL begins idle in the very rendering that brings it", async () => {
    const server = createFakeFetch();
    const seen: string[] = [];
    const { rerender } = renderHook(
      ({ url }) => {
        const { connection } = useEventSource(url, { fetch: server.fetch });
        seen.push(`${url} ${connection.state}`);
      },
      { initialProps: { url: FEED } },
    );
    await pass();
    rerender({ url: OTHER_FEED });
    expect(seen).toContain(`${FEED} live`);
    expect(seen).not.toContain(`${OTHER_FEED} live`);
  });

  test("a URL object counts by what it says", async () => {
    const server = createFakeFetch();
    const { rerender } = renderHook(() => useEventSource(new URL(FEED), { fetch: server.fetch }));
    await pass();
    rerender();
    await pass();
    expect(server.requests).toHaveLength(1);
  });

  test("changed credentials replace the connection", async () => {
    const server = createFakeFetch();
    const { rerender } = render(<Reader fetch={server.fetch} />);
    await pass();
    rerender(<Reader withCredentials fetch={server.fetch} />);
    await pass();
    expect(server.open.map(({ init }) => init.credentials)).toEqual(["include"]);
  });

  // React 18, which runs these tests too, has no Activity.
  test.skipIf(Activity === undefined)(
    "a component that React puts aside goes on after the last event",
    async () => {
      const server = createFakeFetch();
      const onMessage = vi.fn();
      const page = (mode: "visible" | "hidden") => (
        <Activity mode={mode}>
          <Reader fetch={server.fetch} onMessage={onMessage} resumeBy="header" />
        </Activity>
      );
      const { rerender } = render(page("visible"));
      await pass();
      await after(() => server.newest.send(blocks(["first"], 7)));
      rerender(page("hidden"));
      await pass();
      expect(server.open).toHaveLength(0);
      rerender(page("visible"));
      await pass();
      expect(server.open.map(({ init }) => init.headers["last-event-id"])).toEqual(["7"]);
    },
  );
});

describe("handlers and options", () => {
  test("fifty renderings with everything inline keep the one connection", async () => {
    const server = createFakeFetch();
    const inline = () => (
      <Reader
        fetch={(...request) => server.fetch(...request)}
        transport={() => "throughline"}
        connectTimeoutMs={1000 + Math.random()}
        onOpen={() => {}}
        onMessage={() => {}}
        onError={() => {}}
        onGap={() => {}}
        events={{ alert: () => {} }}
      />
    );
    const { rerender } = render(inline());
    for (let round = 0; round < 50; round += 1) {
      await pass(20);
      rerender(inline());
    }
    await pass();
    expect(server.requests).toHaveLength(1);
    expect(server.open).toHaveLength(1);
  });

  test("each handler is called with what it is for", async () => {
    const server = createFakeFetch();
    const heard: string[] = [];
    const hear = (name: string) => (event: Event) =>
      void heard.push(`${name} ${event.type} ${event instanceof MessageEvent ? event.data : ""}`);
    render(
      <Reader
        fetch={server.fetch}
        onOpen={hear("onOpen")}
        onMessage={hear("onMessage")}
        onError={hear("onError")}
        events={{ alert: hear("alert"), message: hear("message"), error: hear("error") }}
      />,
    );
    await pass();
    await after(() =>
      server.newest.send(
        "data: a\n\nevent: alert\ndata: b\n\nevent: error\ndata: c\n\nevent: open\ndata: d\n\n" +
          "event: unasked\ndata: e\n\n",
      ),
    );
    await after(() => server.newest.break());
    expect(heard).toEqual([
      "onOpen open ",
      "onMessage message a",
      "message message a",
      "alert alert b",
      "error error c",
      "onError error ",
    ]);
  });

  test("it is the newest handler that is called", async () => {
    const server = createFakeFetch();
    const [first, second] = [vi.fn(), vi.fn()];
    const { rerender } = render(
      <Reader fetch={server.fetch} onMessage={first} events={{ alert: first }} />,
    );
    await pass();
    rerender(<Reader fetch={server.fetch} onMessage={second} events={{ alert: second }} />);
    await after(() => server.newest.send("data: a\n\nevent: alert\ndata: b\n\n"));
    expect(first).not.toHaveBeenCalled();
    expect(second.mock.calls.map(([event]) => event.data)).toEqual(["a", "b"]);
  });

  test("types that appear later are listened to, and removed ones are dropped", async () => {
    const server = createFakeFetch();
    const handler = vi.fn();
    const send = (type: string) => after(() => server.newest.send(`event: ${type}\ndata: x\n\n`));
    const { rerender } = render(<Reader fetch={server.fetch} events={{ alert: handler }} />);
    await pass();
    await send("alert");
    rerender(<Reader fetch={server.fetch} events={{ forecast: handler }} />);
    await send("alert");
    await send("forecast");
    expect(handler.mock.calls.map(([event]) => event.type)).toEqual(["alert", "forecast"]);
  });

  test("a handler that throws is reported, and disturbs neither the stream nor the others", async () => {
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    const server = createFakeFetch();
    const messages: string[] = [];
    const broken = new Error("handler");
    render(
      <Reader
        fetch={server.fetch}
        onMessage={() => {
          throw broken;
        }}
        events={{ message: ({ data }) => void messages.push(data) }}
      />,
    );
    await pass();
    await after(() => server.newest.send(blocks(["a", "b"])));
    await after(() => server.newest.send(blocks(["c"], 3)));
    expect(messages).toEqual(["a", "b", "c"]);
    expect(report.mock.calls).toEqual([[broken], [broken], [broken]]);
    expect(server.requests).toHaveLength(1);
  });

  test("a gap is told before any later event", async () => {
    const server = createFakeFetch();
    const heard: string[] = [];
    render(
      <Reader
        fetch={server.fetch}
        onGap={({ from, to, reason }) => void heard.push(`${from}-${to} ${reason}`)}
        onMessage={({ data }) => void heard.push(data)}
      />,
    );
    await pass();
    const gap = 'event: throughline.gap\nid: a.9\ndata: {"from":4,"to":9,"reason":"trimmed"}\n\n';
    await after(() => server.newest.send(`data: before\n\n${gap}data: behind\n\n`));
    expect(heard).toEqual(["before", "4-9 trimmed", "behind"]);
  });

  test("each attempt is made with the newest headers, as a function and as a value", async () => {
    const server = createFakeFetch();
    const page = (headers: NonNullable<UseEventSourceOptions["headers"]>) => (
      <Reader fetch={server.fetch} headers={headers} />
    );
    const { rerender } = render(page(() => ({ authorization: "first" })));
    await pass();
    rerender(page(async () => ({ authorization: "second" })));
    await after(() => server.newest.break());
    await pass(3000);
    rerender(page({ authorization: "third" }));
    await after(() => server.newest.break());
    await pass(5000);
    expect(server.requests.map(({ init }) => init.headers["authorization"])).toEqual([
      "first",
      "second",
      "third",
    ]);
  });

  test("each attempt is made with the newest fetch and asks the newest transport", async () => {
    const [former, newer] = [createFakeFetch(), createFakeFetch()];
    const asked: string[] = [];
    const page = (name: string, { fetch }: typeof former) => (
      <Reader
        fetch={fetch}
        transport={() => {
          asked.push(name);
          return "throughline";
        }}
      />
    );
    vi.stubGlobal("EventSource", class {});
    const { rerender } = render(page("former", former));
    await pass();
    asked.length = 0;
    rerender(page("newer", newer));
    await after(() => former.newest.break());
    await pass(3000);
    expect(former.requests).toHaveLength(1);
    expect(newer.requests).toHaveLength(1);
    expect(new Set(asked)).toEqual(new Set(["newer"]));
  });
});

test("what a function among the options has beside itself reaches the source", async () => {
  const server = createFakeFetch();
  const inits: EventSourceOptions[] = [];
  class Source extends EventSource {
    constructor(url: string, init: EventSourceOptions) {
      super(url, init);
      inits.push(init);
    }
  }
  const subscribe = () => () => {};
  const transport = Object.assign(() => "throughline" as const, { subscribe });
  render(
    <ThroughlineProvider options={{ EventSource: Source }}>
      <Reader fetch={server.fetch} transport={transport} />
    </ThroughlineProvider>,
  );
  await pass();
  expect(inits).toHaveLength(1);
  expect(inits[0]?.transport).toHaveProperty("subscribe", subscribe);
});

describe("what the hook returns", () => {
  test("lastEventId is that of the last event before the rendering", async () => {
    const server = createFakeFetch();
    const { result, rerender } = renderHook(() => useEventSource(FEED, { fetch: server.fetch }));
    await pass();
    await after(() => server.newest.send(blocks(["a", "b"], 41)));
    rerender();
    expect(result.current.lastEventId).toBe("42");
  });

  test("reconnect stays the same function, and works on the present connection", async () => {
    const server = createFakeFetch();
    const { result, rerender } = renderHook(
      ({ url }) => useEventSource(url, { fetch: server.fetch }),
      { initialProps: { url: FEED } },
    );
    await pass();
    const { reconnect } = result.current;
    rerender({ url: OTHER_FEED });
    await pass(2000);
    await after(() => reconnect());
    expect(result.current.reconnect).toBe(reconnect);
    expect(server.requests.map(({ url }) => url)).toEqual([FEED, OTHER_FEED, OTHER_FEED]);
  });

  test("reconnect leads out of failed", async () => {
    const server = createFakeFetch({ answersAtOnce: false });
    const { result } = renderHook(() => useEventSource(FEED, { fetch: server.fetch }));
    await pass();
    await after(() => server.newest.respond(403));
    expect(result.current.connection).toMatchObject({ state: "failed", reason: "refused" });
    await pass(2000);
    await after(() => result.current.reconnect());
    await after(() => server.newest.respond());
    expect(result.current.connection.state).toBe("live");
  });

  test("the component renders when the state changes, not when events come", async () => {
    const server = createFakeFetch();
    let renderings = 0;
    renderHook(() => {
      renderings += 1;
      useEventSource(FEED, { fetch: server.fetch });
    });
    await pass();
    const before = renderings;
    for (let round = 0; round < 10; round += 1) {
      await after(() => server.newest.send(blocks(["x"], round)));
    }
    expect(renderings).toBe(before);
    await after(() => server.newest.break());
    expect(renderings).toBeGreaterThan(before);
  });
});

describe("mistakes", () => {
  class Boundary extends Component<{ children: ReactNode }, { error?: unknown }> {
    override state: { error?: unknown } = {};
    static getDerivedStateFromError(error: unknown) {
      return { error };
    }
    override render() {
      return this.state.error === undefined ? this.props.children : String(this.state.error);
    }
  }

  test.each([
    ["a URL that cannot be parsed", { url: "http://[" }, /SyntaxError/],
    ["an option that makes no sense", { retryLimit: -1 }, /retryLimit/],
  ])("%s reaches the error boundary", async (_, props, message) => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { container } = render(<Reader {...props} />, { wrapper: Boundary });
    await pass();
    expect(container.textContent).toMatch(message);
  });
});
