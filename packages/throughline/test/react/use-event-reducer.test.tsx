// @vitest-environment happy-dom

import { cleanup, render, renderHook } from "@testing-library/react";
import { Activity, StrictMode } from "react";
import { useEventReducer } from "throughline/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFakeFetch } from "./fake-fetch.js";
import { after, blocks, FEED, OTHER_FEED, pass } from "./stage.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Longer than any frame or timer that events are held back for. */
const FRAME_MS = 100;

const append = (list: readonly string[], { data }: MessageEvent<string>) => [...list, data];
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

interface Props {
  readonly url: string | null;
}

test("a thousand events in one chunk come in order and in one rendering", async () => {
  const server = createFakeFetch();
  const seen = new Set<readonly string[]>();
  renderHook(() => seen.add(useEventReducer(FEED, append, [], { fetch: server.fetch }).state));
  await pass();
  seen.clear();
  await after(() => server.newest.send(blocks(numbers(1000))));
  await pass(FRAME_MS);
  expect([...seen]).toEqual([numbers(1000)]);
});

test("the events of one frame come in one rendering, also from several chunks", async () => {
  const server = createFakeFetch();
  const lengths: number[] = [];
  renderHook(() =>
    lengths.push(useEventReducer(FEED, append, [], { fetch: server.fetch }).state.length),
  );
  await pass(FRAME_MS);
  lengths.length = 0;
  for (const data of numbers(5)) await after(() => server.newest.send(blocks([data])));
  await pass(FRAME_MS);
  expect(lengths).toEqual([5]);
});

test("in StrictMode each event is applied exactly once", async () => {
  const server = createFakeFetch();
  const { result } = renderHook(
    () => useEventReducer(FEED, append, [], { fetch: server.fetch }).state,
    { wrapper: StrictMode },
  );
  await pass();
  for (const data of numbers(3)) {
    await after(() => server.newest.send(blocks([data])));
    await pass(FRAME_MS);
  }
  expect(server.requests).toHaveLength(1);
  expect(result.current).toEqual(numbers(3));
});

test("the reducer may be another one in each rendering, and the newest is used", async () => {
  const server = createFakeFetch();
  const { result, rerender } = renderHook(
    ({ factor }) =>
      useEventReducer(FEED, (sum: number, event) => sum + factor * Number(event.data), 0, {
        fetch: server.fetch,
      }).state,
    { initialProps: { factor: 1 } },
  );
  await pass();
  await after(() => server.newest.send(blocks(["3"])));
  await pass(FRAME_MS);
  rerender({ factor: 100 });
  await after(() => server.newest.send(blocks(["5"])));
  await pass(FRAME_MS);
  expect(result.current).toBe(503);
  expect(server.requests).toHaveLength(1);
});

test("a new URL begins with the initial state in the very rendering that brings it", async () => {
  const server = createFakeFetch();
  const seen: string[] = [];
  const { result, rerender } = renderHook(
    ({ url }: Props) => {
      const { state } = useEventReducer(url, append, () => [], { fetch: server.fetch });
      seen.push(`${url} ${state.join()}`);
      return state;
    },
    { initialProps: { url: FEED } as Props },
  );
  await pass();
  await after(() => server.newest.send(blocks(["a"])));
  await pass(FRAME_MS);
  rerender({ url: OTHER_FEED });
  await pass();
  await after(() => server.newest.send(blocks(["b"])));
  await pass(FRAME_MS);
  expect(seen).not.toContain(`${OTHER_FEED} a`);
  expect(result.current).toEqual(["b"]);
  rerender({ url: null });
  expect(result.current).toEqual([]);
});

test("events of the former URL that wait for their frame do not reach the new state", async () => {
  const server = createFakeFetch();
  const { result, rerender } = renderHook(
    ({ url }: Props) => useEventReducer(url, append, [], { fetch: server.fetch }).state,
    { initialProps: { url: FEED } as Props },
  );
  await pass();
  await after(() => server.newest.send(blocks(["a"])));
  rerender({ url: OTHER_FEED });
  await pass(FRAME_MS);
  expect(result.current).toEqual([]);
});

test("only the types that are asked for are reduced, in the order of the stream", async () => {
  const server = createFakeFetch();
  const heard: string[] = [];
  const hear = ({ data }: MessageEvent<string>) => void heard.push(data);
  const { result } = renderHook(
    () =>
      useEventReducer(FEED, append, [], {
        fetch: server.fetch,
        types: ["alert", "forecast"],
        onMessage: hear,
        events: { alert: hear, report: hear },
      }).state,
  );
  await pass();
  const send = (...types: string[]) =>
    after(() =>
      server.newest.send(
        types.map((type, at) => `event: ${type}\ndata: ${type}${at}\n\n`).join(""),
      ),
    );
  await send("alert", "message", "forecast", "report", "alert");
  await pass(FRAME_MS);
  expect(result.current).toEqual(["alert0", "forecast2", "alert4"]);
  expect(heard).toEqual(["alert0", "message1", "report3", "alert4"]);
});

// React 18, which runs these tests too, has no Activity.
test.skipIf(Activity === undefined)(
  "a state is kept, and its stream gone on with, while React puts the component aside",
  async () => {
    const server = createFakeFetch();
    let state: readonly string[] = [];
    function Reader() {
      ({ state } = useEventReducer(FEED, append, [], { fetch: server.fetch, resumeBy: "header" }));
      return null;
    }
    const page = (mode: "visible" | "hidden") => (
      <Activity mode={mode}>
        <Reader />
      </Activity>
    );
    const { rerender } = render(page("visible"));
    await pass();
    await after(() => server.newest.send(blocks(["a"])));
    // Its frame has not come yet.
    rerender(page("hidden"));
    await pass(FRAME_MS);
    rerender(page("visible"));
    await pass();
    await after(() => server.newest.send(blocks(["b"], 2)));
    await pass(FRAME_MS);
    expect(state).toEqual(["a", "b"]);
    expect(server.newest.init.headers["last-event-id"]).toBe("1");
  },
);

test("in a hidden page events are not held back at all", async () => {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  const server = createFakeFetch();
  const { result } = renderHook(
    () => useEventReducer(FEED, append, [], { fetch: server.fetch }).state,
  );
  await pass();
  await after(() => server.newest.send(blocks(numbers(3))));
  expect(result.current).toEqual(numbers(3));
});
