// @vitest-environment happy-dom

import { cleanup, render, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { StrictMode } from "react";
import { defineEventSource, EventSource } from "throughline";
import type { ConnectionSummary, ThroughlineOptions } from "throughline/react";
import { ThroughlineProvider, useConnectionStatus, useEventSource } from "throughline/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFakeFetch } from "./fake-fetch.js";
import { after, FEED, OTHER_FEED, pass } from "./stage.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function Reader({ url, ...options }: ThroughlineOptions & { url: string | null }) {
  useEventSource(url, options);
  return null;
}

/** Renders sources below a provider, and gives what their summary is. */
function renderSources(options: ThroughlineOptions, sources: ReactNode) {
  let summary: ConnectionSummary | undefined;
  function Watcher() {
    summary = useConnectionStatus();
    return null;
  }
  const page = (options: ThroughlineOptions, sources: ReactNode) => (
    <StrictMode>
      <ThroughlineProvider options={options}>
        <Watcher />
        {sources}
      </ThroughlineProvider>
    </StrictMode>
  );
  const { rerender } = render(page(options, sources));
  return {
    get summary() {
      return summary;
    },
    rerender: (options: ThroughlineOptions, sources: ReactNode) => rerender(page(options, sources)),
  };
}

describe("the status of all sources", () => {
  test("is idle without any", () => {
    expect(renderSources({}, null).summary).toMatchObject({ state: "idle", sources: 0 });
  });

  test("is the worst of them, with the disruptions of all", async () => {
    const server = createFakeFetch();
    const stage = renderSources({ fetch: server.fetch }, [
      <Reader key={1} url={FEED} />,
      <Reader key={2} url={OTHER_FEED} />,
      <Reader key={3} url={null} />,
    ]);
    await pass();
    expect(stage.summary).toMatchObject({ state: "live", sources: 2, incidents: [] });
    await after(() => server.requests[0]?.break());
    expect(stage.summary).toMatchObject({ state: "waiting", reason: "network", sources: 2 });
    expect(stage.summary?.incidents).toHaveLength(1);
    await pass(2000);
    await after(() => server.newest.send(": alive\n"));
    expect(stage.summary?.state).toBe("live");
    expect(stage.summary?.incidents[0]?.healedAtMs).toBeDefined();
  });

  test("forgets a source that is unmounted", async () => {
    const server = createFakeFetch({ answersAtOnce: false });
    const stage = renderSources({ fetch: server.fetch }, <Reader url={FEED} />);
    await pass();
    await after(() => server.newest.respond(403));
    expect(stage.summary).toMatchObject({ state: "failed", sources: 1 });
    stage.rerender({}, null);
    expect(stage.summary).toMatchObject({ state: "idle", sources: 0 });
  });

  test("counts the sources below an inner provider too", async () => {
    const server = createFakeFetch();
    let inner: ConnectionSummary | undefined;
    function InnerWatcher() {
      inner = useConnectionStatus();
      return null;
    }
    const stage = renderSources({ fetch: server.fetch }, [
      <Reader key={1} url={FEED} />,
      <ThroughlineProvider key={2}>
        <Reader url={OTHER_FEED} />
        <InnerWatcher />
      </ThroughlineProvider>,
    ]);
    await pass();
    expect(stage.summary?.sources).toBe(2);
    expect(inner?.sources).toBe(1);
  });

  test("cannot be had without a provider, and says so", () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    expect(() => renderHook(() => useConnectionStatus())).toThrow(/<ThroughlineProvider>/);
  });
});

test("the status of one source follows an EventSource that was made elsewhere", async () => {
  const server = createFakeFetch();
  const source = new EventSource(FEED, { fetch: server.fetch });
  const { result } = renderHook(() => useConnectionStatus(source));
  expect(result.current.state).toBe("connecting");
  await pass();
  expect(result.current.state).toBe("live");
  await after(() => source.close());
  expect(result.current).toMatchObject({ state: "closed", reason: "application" });
});

describe("the options of a provider", () => {
  test("are defaults, which a source's own options override unless they are undefined", async () => {
    const server = createFakeFetch();
    renderSources({ fetch: server.fetch, lastEventId: "7", resumeBy: "header" }, [
      <Reader key={1} url={FEED} lastEventId={undefined} />,
      <Reader key={2} url={FEED} lastEventId="8" />,
    ]);
    await pass();
    const shown = server.requests.map(({ init }) => init.headers["last-event-id"]);
    expect(shown).toEqual(["7", "8"]);
  });

  test("are taken over by an inner provider, and added to", async () => {
    const server = createFakeFetch();
    renderSources(
      { fetch: server.fetch, lastEventId: "7", resumeBy: "header" },
      <ThroughlineProvider options={{ lastEventId: "8" }}>
        <Reader url={FEED} />
      </ThroughlineProvider>,
    );
    await pass();
    expect(server.newest.init.headers["last-event-id"]).toBe("8");
  });

  test("reconnect nothing when they change, and hold for sources that open later", async () => {
    const server = createFakeFetch();
    const { fetch } = server;
    const { rerender } = renderSources({ fetch }, [<Reader key={1} url={FEED} />]);
    await pass();
    rerender({ fetch, withCredentials: true }, [
      <Reader key={1} url={FEED} />,
      <Reader key={2} url={OTHER_FEED} />,
    ]);
    await pass();
    expect(server.open.map(({ url, init }) => [url, init.credentials])).toEqual([
      [FEED, "same-origin"],
      [OTHER_FEED, "include"],
    ]);
  });

  test("name the class that makes the sources, which keeps its own defaults", async () => {
    const server = createFakeFetch();
    const gaps = vi.fn();
    const Source = defineEventSource({ fetch: server.fetch, onGap: gaps });
    renderSources({ EventSource: Source }, <Reader url={FEED} />);
    await pass();
    await after(() =>
      server.newest.send(
        'event: throughline.gap\nid: a.9\ndata: {"from":4,"to":9,"reason":"trimmed"}\n\n',
      ),
    );
    expect(gaps).toHaveBeenCalledTimes(1);
  });
});
