// @vitest-environment happy-dom

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import type { QueryStreamOptions } from "throughline/react/query";
import { useStreamQuery } from "throughline/react/query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { queryStreamOf } from "../../src/react/query/query-stream.js";
import { createFakeFetch, type FakeFetch } from "./fake-fetch.js";
import { after, FEED, pass } from "./stage.js";

interface Rows {
  readonly rows: readonly string[];
  readonly cursor?: string | undefined;
}

const FRAME_MS = 100;
const KEY = ["rows"];

const reduce = ({ rows }: Rows, { data, lastEventId }: MessageEvent<string>): Rows => ({
  rows: [...rows, data],
  cursor: lastEventId,
});
const positionOf = ({ cursor }: Rows) => cursor;
const event = (offset: number) => `id: e.${offset}\ndata: ${offset}\n\n`;
const gap = (to: number) =>
  `event: throughline.gap\nid: e.${to}\ndata: {"from":1,"to":${to},"reason":"trimmed"}\n\n`;

let client: QueryClient;
beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
});
afterEach(() => {
  cleanup();
  client.clear();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const wrapper = ({ children }: { children: ReactNode }) => (
  <StrictMode>
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  </StrictMode>
);

/** An endpoint of the rows that a test answers by hand. */
function createRows() {
  const calls: { answer(data: Rows): void; fail(): void }[] = [];
  return {
    calls,
    queryFn: () =>
      new Promise<Rows>((resolve, reject) => {
        calls.push({ answer: resolve, fail: () => reject(new Error("no database")) });
      }),
    answer: (...rows: readonly string[]) => after(() => calls.at(-1)?.answer({ rows })),
    answerAt: (cursor: string, ...rows: readonly string[]) =>
      after(() => calls.at(-1)?.answer({ rows, cursor })),
    fail: () => after(() => calls.at(-1)?.fail()),
  };
}

function start(
  server: FakeFetch,
  queryFn: () => Promise<Rows>,
  options: Partial<QueryStreamOptions<Rows>> = {},
) {
  return renderHook(
    () =>
      useStreamQuery(
        { queryKey: ["rows"], queryFn },
        { url: FEED, reduce, fetch: server.fetch, resumeBy: "header", ...options },
      ),
    { wrapper },
  );
}

const rowsOf = (result: { current: ReturnType<typeof useStreamQuery<Rows>> }) =>
  result.current.query.data?.rows;
const send = async (server: FakeFetch, text: string) => {
  await after(() => server.newest.send(text));
  await pass(FRAME_MS);
};

test("with a place in the data the stream begins there, and one fetch is enough", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  const { result } = start(server, rows.queryFn, { positionOf });
  await pass(1000);
  expect(server.requests).toHaveLength(0);
  await rows.answerAt("e.4", "1-4");
  await pass(1000);
  expect(server.newest.init.headers["last-event-id"]).toBe("e.4");
  await send(server, event(5) + event(6));
  expect(rowsOf(result)).toEqual(["1-4", "5", "6"]);
  await pass(60_000);
  expect(rows.calls).toHaveLength(1);
  expect(server.requests).toHaveLength(1);
  expect(result.current.isBehind).toBe(false);
});

test("without one the query is fetched again when the stream has opened", async () => {
  const server = createFakeFetch({ answersAtOnce: false });
  const rows = createRows();
  const { result } = start(server, rows.queryFn);
  await pass();
  await rows.answer("1");
  // Whatever is published here, neither tells.
  await after(() => server.newest.respond());
  expect(result.current.isBehind).toBe(true);
  await pass(1500);
  expect(rows.calls).toHaveLength(2);
  await send(server, event(3));
  expect(rowsOf(result)).toEqual(["1", "3"]);
  await rows.answer("1", "2");
  expect(rowsOf(result)).toEqual(["1", "2", "3"]);
  expect(result.current.isBehind).toBe(false);
  await pass(60_000);
  expect(rows.calls).toHaveLength(2);
});

test("the first fetch does not count when the stream opens after it has begun", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  const { result } = start(server, rows.queryFn);
  await pass(500);
  await rows.answer("old");
  expect(result.current.isBehind).toBe(true);
  await pass(5000);
  expect(rows.calls).toHaveLength(2);
  await rows.answer("new");
  expect(rowsOf(result)).toEqual(["new"]);
  expect(result.current.isBehind).toBe(false);
});

test("an event that waits for its frame while the answer comes is taken in once", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  const { result } = start(server, rows.queryFn);
  await pass();
  await rows.answer("1");
  await pass(1500);
  await after(() => server.newest.send(event(2)));
  await rows.answer("1");
  await pass(FRAME_MS);
  expect(rowsOf(result)).toEqual(["1", "2"]);
});

test("events of one frame are one change of the cache", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  start(server, rows.queryFn, { positionOf });
  await pass();
  await rows.answerAt("e.0");
  await pass();
  const set = vi.spyOn(client, "setQueryData");
  await send(server, [1, 2, 3, 4, 5].map(event).join(""));
  expect(set).toHaveBeenCalledTimes(1);
});

test("whoever fetches the query anew, what came meanwhile is put on top", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  const { result } = start(server, rows.queryFn, { positionOf });
  await pass();
  await rows.answerAt("e.1", "1");
  await pass();
  await send(server, event(2));
  void client.invalidateQueries({ queryKey: KEY });
  await pass();
  await after(() => server.newest.send(event(3)));
  await send(server, event(4));
  // The database had the third already; the fourth waits for its frame no more.
  await rows.answerAt("e.3", "1-3");
  await after(() => server.newest.send(event(5)));
  await pass(FRAME_MS);
  expect(rowsOf(result)).toEqual(["1-3", "4", "5"]);
});

test("in a hidden page nothing gets lost on the way from the answer to the cache", async () => {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  const stream = queryStreamOf<Rows>(client, { queryKey: KEY, queryHash: "rows" });
  stream.follow({ reduce, positionOf });
  client.setQueryData<Rows>(KEY, { rows: ["old"], cursor: "e.1" });
  const data = await stream.fetch(async () => ({ rows: ["new"], cursor: "e.1" }));
  stream.onEvent(new MessageEvent("message", { data: "2", lastEventId: "e.2" }));
  await undefined;
  await undefined;
  client.setQueryData<Rows>(KEY, data);
  await pass();
  expect(client.getQueryData<Rows>(KEY)?.rows).toEqual(["new", "2"]);
});

test("a gap has the query fetched, and what comes meanwhile is not lost", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  const onGap = vi.fn();
  const { result } = start(server, rows.queryFn, { positionOf, onGap });
  await pass();
  await rows.answerAt("e.1", "1");
  await pass(2000);
  await send(server, gap(5) + event(6));
  expect(result.current.isBehind).toBe(true);
  expect(onGap).toHaveBeenCalledTimes(1);
  await pass(300);
  expect(rows.calls).toHaveLength(2);
  await send(server, event(7));
  expect(rowsOf(result)).toEqual(["1", "6", "7"]);
  await rows.answerAt("e.6", "1-6");
  expect(rowsOf(result)).toEqual(["1-6", "7"]);
  expect(result.current.isBehind).toBe(false);
});

test("data that are older than the place in the stream are refused, and fetched again", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  const { result } = start(server, rows.queryFn, { positionOf });
  await pass();
  await rows.answerAt("e.1", "1");
  await pass(2000);
  await send(server, gap(5));
  await pass(300);
  await rows.answerAt("e.4", "from a replica");
  expect(client.getQueryState(KEY)?.error?.message).toMatch(/Expected data as of e\.5 or later/);
  expect(result.current.isBehind).toBe(true);
  await pass(5000);
  await rows.answerAt("e.5", "1-5");
  expect(rowsOf(result)).toEqual(["1-5"]);
});

test("after a gap a query that fails is fetched until it succeeds, ever more seldom", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  let isBroken = false;
  const queryFn = () => (isBroken ? Promise.reject(new Error("down")) : rows.queryFn());
  const counted = vi.fn(queryFn);
  const { result } = start(server, counted, { positionOf });
  await pass();
  await rows.answerAt("e.1", "1");
  await pass(2000);
  isBroken = true;
  counted.mockClear();
  await send(server, gap(5));
  await pass(300_000);
  expect(counted.mock.calls.length).toBeGreaterThan(8);
  expect(counted.mock.calls.length).toBeLessThan(35);
  expect(result.current.isBehind).toBe(true);
  isBroken = false;
  await pass(31_000);
  await rows.answerAt("e.5", "1-5");
  expect(rowsOf(result)).toEqual(["1-5"]);
});

test("a second gap during the fetch makes its answer count for nothing", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  const { result } = start(server, rows.queryFn, { positionOf });
  await pass();
  await rows.answerAt("e.1", "1");
  await pass(2000);
  await send(server, gap(5));
  await pass(300);
  await send(server, gap(9) + event(10));
  await pass(2000);
  expect(rows.calls).toHaveLength(3);
  await after(() => rows.calls[1]?.answer({ rows: ["1-5"], cursor: "e.5" }));
  expect(result.current.isBehind).toBe(true);
  await rows.answerAt("e.10", "1-10");
  expect(rowsOf(result)).toEqual(["1-10"]);
  expect(result.current.isBehind).toBe(false);
});

test("without ids every reconnect has the query fetched", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  start(server, rows.queryFn);
  await pass();
  await rows.answer("a");
  await pass(3000);
  await rows.answer("a");
  await send(server, "data: b\n\n");
  const before = rows.calls.length;
  await after(() => server.newest.break());
  await pass(5000);
  expect(rows.calls.length).toBe(before + 1);
});

test("components of one query share a connection, and the next goes on where the first left", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  const first = start(server, rows.queryFn, { positionOf });
  const second = start(server, rows.queryFn, { positionOf });
  await pass();
  await rows.answerAt("e.1", "1");
  await pass();
  expect(server.open).toHaveLength(1);
  await send(server, event(2));
  expect(rowsOf(first.result)).toEqual(["1", "2"]);
  expect(rowsOf(second.result)).toEqual(["1", "2"]);
  await after(() => server.newest.send(event(3)));
  first.unmount();
  await pass();
  expect(server.open).toHaveLength(1);
  expect(server.newest.init.headers["last-event-id"]).toBe("e.3");
  await send(server, event(4));
  expect(rowsOf(second.result)).toEqual(["1", "2", "3", "4"]);
  expect(rows.calls).toHaveLength(1);
});

test("who comes back to cached data goes on at their place", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  const first = start(server, rows.queryFn, { positionOf });
  await pass();
  await rows.answerAt("e.1", "1");
  await pass();
  await send(server, event(2));
  first.unmount();
  await pass(60_000);
  expect(server.open).toHaveLength(0);
  const { result } = start(server, rows.queryFn, { positionOf });
  await pass();
  expect(server.newest.init.headers["last-event-id"]).toBe("e.2");
  await send(server, event(2) + event(3));
  expect(rowsOf(result)).toEqual(["1", "2", "3"]);
});

test("who leaves while it is behind leaves nothing behind", async () => {
  const server = createFakeFetch();
  const rows = createRows();
  const { unmount } = start(server, rows.queryFn, { positionOf });
  await pass();
  await rows.answerAt("e.1", "1");
  await pass(2000);
  await send(server, gap(5));
  unmount();
  await pass(60_000);
  expect(rows.calls.length).toBeLessThanOrEqual(2);
  expect(server.open).toHaveLength(0);
});

test("a key that only the application can hash is no obstacle", async () => {
  client.setDefaultOptions({ queries: { queryKeyHashFn: (key) => key.map(String).join() } });
  const server = createFakeFetch();
  const rows = createRows();
  const { result } = renderHook(
    () =>
      useStreamQuery(
        { queryKey: ["rows", 7n], queryFn: rows.queryFn },
        { url: FEED, reduce, positionOf, fetch: server.fetch },
      ),
    { wrapper },
  );
  await pass();
  await rows.answerAt("e.1", "1");
  await pass(2000);
  await send(server, gap(5) + event(6));
  await pass(300);
  await rows.answerAt("e.6", "1-6");
  expect(rowsOf(result)).toEqual(["1-6"]);
});

test("on the server it is a pending query, and nothing is requested", () => {
  const server = createFakeFetch();
  function Page() {
    const { query, connection } = useStreamQuery(
      { queryKey: KEY, queryFn: () => new Promise<Rows>(() => {}) },
      { url: FEED, reduce, fetch: server.fetch },
    );
    return `${query.status} ${connection.state}`;
  }
  expect(renderToString(wrapper({ children: <Page /> }))).toBe("pending idle");
  expect(server.requests).toHaveLength(0);
});
