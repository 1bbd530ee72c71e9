// @vitest-environment happy-dom

import { cleanup, render } from "@testing-library/react";
import { Activity, StrictMode } from "react";
import type { UseEventSourceOptions } from "throughline/react";
import { ThroughlineProvider, useConnectionStatus, useEventSource } from "throughline/react";
import { shareEventSource } from "throughline/react/shared";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFakeFetch, type FakeFetch } from "./fake-fetch.js";
import { after, blocks, FEED, OTHER_FEED, pass } from "./stage.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** What each reader has heard, by its name. */
let heard: Record<string, string[]>;
beforeEach(() => {
  heard = {};
});

function Reader({
  name,
  url = FEED,
  ...options
}: UseEventSourceOptions & { name: string; url?: string }) {
  const hear = (text: string) => {
    heard[name] = [...(heard[name] ?? []), text];
  };
  useEventSource(url, {
    onOpen: () => hear("open"),
    onMessage: ({ data }) => hear(data),
    onGap: ({ reason }) => hear(`gap ${reason}`),
    ...options,
  });
  return null;
}

function Sources() {
  return <output>{useConnectionStatus().sources}</output>;
}

/** A function that renders readers below one provider, whose sources are shared. */
function stage(server: FakeFetch, lingerMs?: number) {
  const options = { EventSource: shareEventSource({ lingerMs }), fetch: server.fetch };
  const page = (readers: React.ReactNode) => (
    <ThroughlineProvider options={options}>
      <Sources />
      {readers}
    </ThroughlineProvider>
  );
  return page;
}

test("all readers of a URL have one connection, and each hears every event once", async () => {
  const server = createFakeFetch();
  const page = stage(server);
  const { container } = render(
    page([<Reader key="a" name="a" />, <Reader key="b" name="b" />, <Reader key="c" name="c" />]),
    { wrapper: StrictMode },
  );
  await pass();
  await after(() => server.newest.send(blocks(["1", "2"])));
  expect(server.requests).toHaveLength(1);
  expect(heard).toEqual({
    a: ["open", "1", "2"],
    b: ["open", "1", "2"],
    c: ["open", "1", "2"],
  });
  expect(container.textContent).toBe("1");
});

test("another URL, and other credentials, are other connections", async () => {
  const server = createFakeFetch();
  render(
    stage(server)([
      <Reader key="a" name="a" />,
      <Reader key="b" name="b" url={OTHER_FEED} />,
      <Reader key="c" name="c" withCredentials />,
    ]),
  );
  await pass();
  expect(server.open).toHaveLength(3);
});

test("a reader that comes later is told that the stream is open, and hears what follows", async () => {
  const server = createFakeFetch();
  const page = stage(server);
  const { rerender } = render(page([<Reader key="a" name="a" />]));
  await pass();
  await after(() => server.newest.send(blocks(["before"])));
  rerender(page([<Reader key="a" name="a" />, <Reader key="b" name="b" />]));
  await pass();
  await after(() => server.newest.send(blocks(["behind"], 2)));
  expect(heard["b"]).toEqual(["open", "behind"]);
  expect(server.requests).toHaveLength(1);
});

test("an old gap is not told to a reader that comes after it", async () => {
  const server = createFakeFetch();
  const page = stage(server);
  const { rerender } = render(page([<Reader key="a" name="a" />]));
  await pass();
  const gap = 'event: throughline.gap\nid: a.9\ndata: {"from":4,"to":9,"reason":"trimmed"}\n\n';
  await after(() => server.newest.send(gap));
  rerender(page([<Reader key="a" name="a" />, <Reader key="b" name="b" />]));
  await pass();
  await after(() => server.newest.break());
  await pass(2000);
  expect(heard["a"]).toContain("gap trimmed");
  expect(heard["b"]).not.toContain("gap trimmed");
});

test("the connection stays while anybody reads, and lingers for who comes next", async () => {
  const server = createFakeFetch();
  const page = stage(server, 1000);
  const { rerender } = render(page([<Reader key="a" name="a" />, <Reader key="b" name="b" />]));
  await pass();
  rerender(page([<Reader key="b" name="b" />]));
  await pass(5000);
  expect(server.open).toHaveLength(1);
  rerender(page([]));
  await pass(900);
  rerender(page([<Reader key="c" name="c" />]));
  await pass(5000);
  expect(server.requests).toHaveLength(1);
  expect(server.open).toHaveLength(1);
  rerender(page([]));
  await pass(1100);
  expect(server.open).toHaveLength(0);
});

test("who has left hears nothing more", async () => {
  const server = createFakeFetch();
  const page = stage(server);
  const { rerender } = render(page([<Reader key="a" name="a" />, <Reader key="b" name="b" />]));
  await pass();
  rerender(page([<Reader key="b" name="b" />]));
  await after(() => server.newest.send(blocks(["1"])));
  expect(heard).toEqual({ a: ["open"], b: ["open", "1"] });
});

// React 18, which runs these tests too, has no Activity.
test.skipIf(Activity === undefined)(
  "a reader that was put aside misses nothing, although the others read on",
  async () => {
    const server = createFakeFetch();
    const page = stage(server);
    const both = (mode: "visible" | "hidden") =>
      page([
        <Reader key="a" name="a" />,
        <Activity key="b" mode={mode}>
          <Reader name="b" resumeBy="header" />
        </Activity>,
      ]);
    const { rerender } = render(both("visible"));
    await pass();
    await after(() => server.newest.send(blocks(["1"])));
    rerender(both("hidden"));
    await after(() => server.newest.send(blocks(["2"], 2)));
    rerender(both("visible"));
    await pass();
    // It cannot have the common connection, which has passed what it lacks.
    expect(server.requests).toHaveLength(2);
    expect(server.newest.init.headers["last-event-id"]).toBe("1");
    await after(() => server.newest.send(blocks(["2", "3"], 2)));
    await after(() => server.requests[0]?.send(blocks(["3"], 3)));
    expect(heard["a"]).toEqual(["open", "1", "2", "3"]);
    expect(heard["b"]?.filter((text) => text !== "open")).toEqual(["1", "2", "3"]);
  },
);

test("who asks for what has been gets a connection of its own, unless all begin there", async () => {
  const server = createFakeFetch();
  const page = stage(server);
  const { rerender } = render(
    page([
      <Reader key="a" name="a" lastEventId="earliest" />,
      <Reader key="b" name="b" lastEventId="earliest" />,
    ]),
  );
  await pass();
  expect(server.requests).toHaveLength(1);
  await after(() => server.newest.send(blocks(["1"])));
  rerender(
    page([
      <Reader key="a" name="a" lastEventId="earliest" />,
      <Reader key="c" name="c" lastEventId="earliest" />,
    ]),
  );
  await pass();
  expect(server.requests).toHaveLength(2);
});

test("a connection that has failed is not handed to who comes next", async () => {
  const server = createFakeFetch({ answersAtOnce: false });
  const page = stage(server);
  const { rerender } = render(page([<Reader key="a" name="a" />]));
  await pass();
  await after(() => server.newest.respond(403));
  rerender(page([<Reader key="a" name="a" />, <Reader key="b" name="b" />]));
  await pass();
  expect(server.requests).toHaveLength(2);
});

test("a reader that is closed while an event goes round stands after it, if it has had it", async () => {
  const server = createFakeFetch();
  const Shared = shareEventSource();
  const make = () => new Shared(FEED, { fetch: server.fetch });
  const [first, second, third] = [make(), make(), make()];
  first.addEventListener("message", () => {});
  second.addEventListener("message", () => {
    for (const reader of [first, second, third]) reader.close();
  });
  third.addEventListener("message", () => {});
  await pass();
  await after(() => server.newest.send(blocks(["a"], 7)));
  // The third was closed before its turn, and has not had the event.
  expect([first, second, third].map(({ lastEventId }) => lastEventId)).toEqual(["7", "7", ""]);
});
