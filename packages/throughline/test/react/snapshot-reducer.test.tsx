// @vitest-environment happy-dom

import { cleanup, render, renderHook } from "@testing-library/react";
import { Activity, StrictMode } from "react";
import { ThroughlineProvider } from "throughline/react";
import type {
  Snapshot,
  SnapshotReducerHandle,
  SnapshotRequest,
  UseSnapshotReducerOptions,
} from "throughline/react/snapshot";
import { useSnapshotReducer } from "throughline/react/snapshot";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFakeFetch, type FakeFetch } from "./fake-fetch.js";
import { after, FEED, OTHER_FEED, pass } from "./stage.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

type Rows = readonly string[];
type Handle = SnapshotReducerHandle<Rows>;
type Options = UseSnapshotReducerOptions<Rows>;

const FRAME_MS = 100;
/** Within it a gap's snapshot is asked for. */
const SPREAD_MS = 300;

const append = (rows: Rows, { data }: MessageEvent<string>) => [...rows, data];
const event = (offset: number, epoch = "e") => `id: ${epoch}.${offset}\ndata: ${offset}\n\n`;
const gap = (to: number, epoch = "e") =>
  `event: throughline.gap\nid: ${epoch}.${to}\ndata: {"from":1,"to":${to},"reason":"trimmed"}\n\n`;

/** A snapshot service that a test answers by hand. */
function createService() {
  const calls: (SnapshotRequest & {
    answer(state: Rows, lastEventId?: string): void;
    fail(reason: string): void;
  })[] = [];
  const loadSnapshot = (request: SnapshotRequest) =>
    new Promise<Snapshot<Rows>>((resolve, reject) => {
      calls.push({
        ...request,
        answer: (state, lastEventId) => resolve({ state, lastEventId }),
        fail: (reason) => reject(new Error(reason)),
      });
    });
  return {
    calls,
    loadSnapshot,
    newest() {
      const newest = calls.at(-1);
      if (newest === undefined) throw new Error("Nothing has been asked for.");
      return newest;
    },
  };
}

function start(server: FakeFetch, options: Options, strict = false) {
  return renderHook(
    ({ url }) => useSnapshotReducer<Rows>(url, append, [], { fetch: server.fetch, ...options }),
    { initialProps: { url: FEED }, ...(strict && { wrapper: StrictMode }) },
  );
}

const send = (server: FakeFetch, text: string) => after(() => server.newest.send(text));

test("over a gap the state is the snapshot and what came after it, nothing lost, nothing twice", async () => {
  const server = createFakeFetch();
  const service = createService();
  const { result } = start(server, service, true);
  await pass();
  await send(server, event(1));
  await send(server, gap(5) + event(6));
  await pass(SPREAD_MS);
  expect(service.newest()).toMatchObject({ cause: "gap", lastEventId: "e.6" });
  await send(server, event(7) + event(8) + event(9));
  // It was read on the server after the eighth.
  await after(() => service.newest().answer(["1-8"], "e.8"));
  expect(result.current.state).toEqual(["1-8", "9"]);
  expect(result.current.behind).toBeUndefined();
  await send(server, event(10));
  await pass(FRAME_MS);
  expect(result.current.state).toEqual(["1-8", "9", "10"]);
  expect(service.calls).toHaveLength(1);
});

test("events that the snapshot contains, and that come after it, are not applied", async () => {
  const server = createFakeFetch();
  const service = createService();
  const { result } = start(server, service);
  await pass();
  await send(server, gap(5));
  await pass(SPREAD_MS);
  await after(() => service.newest().answer(["1-7"], "e.7"));
  await send(server, event(6) + event(7) + event(8));
  await pass(FRAME_MS);
  expect(result.current.state).toEqual(["1-7", "8"]);
});

test("without a place of its own the snapshot gets all that came since it was asked for", async () => {
  const server = createFakeFetch();
  const service = createService();
  const { result } = start(server, service);
  await pass();
  await send(server, gap(5) + event(6));
  await pass(SPREAD_MS);
  await send(server, event(7));
  await after(() => service.newest().answer(["all"]));
  expect(result.current.state).toEqual(["all", "7"]);
});

test("ids of another kind are recognised among the events that came meanwhile", async () => {
  const server = createFakeFetch();
  const service = createService();
  const { result } = start(server, service);
  await pass();
  await send(server, gap(5));
  await pass(SPREAD_MS);
  await send(server, "id: x-1\ndata: one\n\nid: x-2\ndata: two\n\nid: x-3\ndata: three\n\n");
  await after(() => service.newest().answer(["one and two"], "x-2"));
  expect(result.current.state).toEqual(["one and two", "three"]);
});

test("meanwhile the former state goes on, and says that it is behind", async () => {
  const server = createFakeFetch();
  const service = createService();
  const { result } = start(server, service);
  await pass();
  await send(server, event(1) + gap(5) + event(6));
  await pass(FRAME_MS);
  expect(result.current.state).toEqual(["1", "6"]);
  expect(result.current.behind).toEqual({ cause: "gap", failures: 0, error: undefined });
});

test.each([
  ["older than the place in the stream", "e.4"],
  ["of another epoch", "former.9"],
])("a snapshot %s is refused, and loaded again", async (_, lastEventId) => {
  const server = createFakeFetch();
  const service = createService();
  const { result } = start(server, service);
  await pass();
  await send(server, gap(5));
  await pass(SPREAD_MS);
  await after(() => service.newest().answer(["from a replica"], lastEventId));
  expect(result.current.state).toEqual([]);
  expect(result.current.behind).toMatchObject({
    failures: 1,
    error: new Error(`Expected a snapshot at or after e.5, got one at ${lastEventId}.`),
  });
  await pass(2000);
  await after(() => service.newest().answer(["1-5"], "e.5"));
  expect(result.current.state).toEqual(["1-5"]);
});

test("a snapshot that fails is loaded again, more and more seldom, and never given up", async () => {
  const server = createFakeFetch();
  const askedMs: number[] = [];
  const broken = new Error("no database");
  const { result } = start(server, {
    loadSnapshot: () => {
      askedMs.push(performance.now());
      return Promise.reject(broken);
    },
  });
  await pass();
  await send(server, gap(5));
  await pass(200_000);
  const waits = askedMs.slice(1).map((ms, at) => ms - (askedMs[at] ?? 0));
  expect(waits.length).toBeGreaterThan(8);
  expect(waits.length).toBeLessThan(25);
  expect(waits[0]).toBeGreaterThanOrEqual(1000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
  expect(Math.min(...waits.slice(6))).toBeGreaterThanOrEqual(15_000);
  expect(result.current.behind).toMatchObject({ failures: askedMs.length, error: broken });
});

test("a loader that throws at once, or never answers, has failed as well", async () => {
  const server = createFakeFetch();
  const signals: AbortSignal[] = [];
  const { result } = start(server, {
    loadSnapshot: ({ signal }) => {
      signals.push(signal);
      if (signals.length === 1) throw new Error("at once");
      return new Promise(() => {});
    },
  });
  await pass();
  await send(server, gap(5));
  await pass(SPREAD_MS);
  expect(result.current.behind).toMatchObject({ failures: 1, error: new Error("at once") });
  await pass(33_000);
  expect(signals[1]?.aborted).toBe(true);
  expect(result.current.behind?.failures).toBe(2);
});

test("a second gap meanwhile makes the first snapshot worthless", async () => {
  const server = createFakeFetch();
  const service = createService();
  const { result } = start(server, service);
  await pass();
  await send(server, gap(5));
  await pass(SPREAD_MS);
  await send(server, event(6) + gap(20) + event(21));
  expect(service.calls[0]?.signal.aborted).toBe(true);
  await after(() => service.calls[0]?.answer(["too old"], "e.6"));
  expect(result.current.behind).toBeDefined();
  await pass(1000);
  await send(server, event(22));
  await after(() => service.newest().answer(["1-21"], "e.21"));
  expect(result.current.state).toEqual(["1-21", "22"]);
  expect(service.calls).toHaveLength(2);
});

test("gaps without end cost one snapshot a second at most", async () => {
  const server = createFakeFetch();
  const service = createService();
  start(server, service);
  await pass();
  for (let round = 0; round < 100; round += 1) {
    await send(server, gap(5 + round));
    await after(() => service.calls.at(-1)?.answer([], `e.${5 + round}`));
    await pass(100);
  }
  expect(service.calls.length).toBeGreaterThan(0);
  expect(service.calls.length).toBeLessThanOrEqual(11);
});

test("who leaves meanwhile leaves nothing behind", async () => {
  const server = createFakeFetch();
  const service = createService();
  const { unmount } = start(server, service);
  await pass();
  await send(server, gap(5));
  await pass(SPREAD_MS);
  unmount();
  expect(service.newest().signal.aborted).toBe(true);
  await after(() => service.newest().fail("aborted"));
  await pass(60_000);
  expect(service.calls).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

// React 18, which runs these tests too, has no Activity.
test.skipIf(Activity === undefined)(
  "who is put aside meanwhile catches up on coming back",
  async () => {
    const server = createFakeFetch();
    const service = createService();
    let handle: Handle | undefined;
    function Reader() {
      handle = useSnapshotReducer<Rows>(FEED, append, [], { fetch: server.fetch, ...service });
      return null;
    }
    const page = (mode: "visible" | "hidden") => (
      <Activity mode={mode}>
        <Reader />
      </Activity>
    );
    const { rerender } = render(page("visible"));
    await pass();
    await send(server, gap(5) + event(6));
    await pass(SPREAD_MS);
    rerender(page("hidden"));
    await pass(60_000);
    expect(service.calls).toHaveLength(1);
    rerender(page("visible"));
    await pass(SPREAD_MS);
    expect(service.newest()).toMatchObject({ cause: "gap", lastEventId: "e.6" });
    expect(service.calls).toHaveLength(2);
    await after(() => service.newest().answer(["1-6"], "e.6"));
    expect(handle?.state).toEqual(["1-6"]);
    expect(handle?.behind).toBeUndefined();
  },
);

test("a new URL begins anew, and the snapshot of the former one reaches nobody", async () => {
  const server = createFakeFetch();
  const service = createService();
  const { result, rerender } = start(server, service);
  await pass();
  await send(server, gap(5));
  await pass(SPREAD_MS);
  rerender({ url: OTHER_FEED });
  expect(result.current.behind).toBeUndefined();
  await after(() => service.newest().answer(["of the former"], "e.5"));
  expect(result.current.state).toEqual([]);
});

test("the first state can be a snapshot, asked for once the stream is open", async () => {
  const server = createFakeFetch({ answersAtOnce: false });
  const service = createService();
  const { result } = start(server, { ...service, startsWithSnapshot: true });
  await pass(5000);
  expect(service.calls).toHaveLength(0);
  expect(result.current.behind).toMatchObject({ cause: "start" });
  await after(() => server.newest.respond());
  await pass(SPREAD_MS);
  await send(server, event(3));
  await after(() => service.newest().answer(["1-2"], "e.2"));
  expect(result.current.state).toEqual(["1-2", "3"]);
});

test("more events than can be remembered make the snapshot worthless", async () => {
  const server = createFakeFetch();
  const service = createService();
  const { result } = start(server, service);
  await pass();
  await send(server, gap(5));
  await pass(SPREAD_MS);
  const many = Array.from({ length: 10_001 }, (_, at) => event(6 + at)).join("");
  await send(server, many);
  await pass(3000);
  expect(service.calls[0]?.signal.aborted).toBe(true);
  expect(service.newest().lastEventId).toBe("e.10006");
  await after(() => service.newest().answer(["all"], "e.10006"));
  expect(result.current.state).toEqual(["all"]);
});

test("the gap is told to the component, or to the provider", async () => {
  const server = createFakeFetch();
  const service = createService();
  const onGap = vi.fn();
  renderHook(() => useSnapshotReducer<Rows>(FEED, append, [], service), {
    wrapper: ({ children }) => (
      <ThroughlineProvider options={{ fetch: server.fetch, onGap }}>{children}</ThroughlineProvider>
    ),
  });
  await pass();
  await send(server, gap(5));
  expect(onGap).toHaveBeenCalledTimes(1);
});
