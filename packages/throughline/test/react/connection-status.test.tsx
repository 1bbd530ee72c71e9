// @vitest-environment happy-dom

import { act, cleanup, render, screen } from "@testing-library/react";
import { renderToStaticMarkup } from "react-dom/server";
import { ConnectionStatus, ThroughlineProvider, useEventSource } from "throughline/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFakeFetch } from "./fake-fetch.js";
import { connectionIn } from "./snapshots.js";
import { after, FEED, OTHER_FEED, pass } from "./stage.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const light = () => screen.getByRole("status");
const dot = () => light().querySelector('[data-part="dot"]');

/** What a screen reader is given: the text without what is hidden from it. */
function spoken(): string {
  const copy = light().cloneNode(true) as HTMLElement;
  for (const hidden of copy.querySelectorAll('[aria-hidden="true"]')) hidden.remove();
  return copy.textContent ?? "";
}

/** What can be seen: the text without what is clipped away. */
function seen(): string {
  const copy = light().cloneNode(true) as HTMLElement;
  for (const part of copy.querySelectorAll<HTMLElement>("span")) {
    if (part.style.clipPath !== "") part.remove();
  }
  return copy.textContent ?? "";
}

/** What a gateway says while the backend behind it is away. */
const SILENT = { state: "stale", reason: "network" } as const;

describe("the words", () => {
  test.each([
    [connectionIn("idle"), "idle", "Not connected"],
    [connectionIn("connecting"), "connecting", "Connecting…"],
    [connectionIn("live"), "live", "Live"],
    [connectionIn("live", { isDegraded: true }), "live", "Live (degraded)"],
    [connectionIn("stale"), "stale", "Connection unsteady"],
    [connectionIn("live", { source: SILENT }), "source-stale", "Connected, source silent"],
    [connectionIn("live", { source: { ...SILENT, state: "live" } }), "live", "Live"],
    [connectionIn("stale", { source: SILENT }), "stale", "Connection unsteady"],
    [connectionIn("waiting"), "reconnecting", "Reconnecting…"],
    [connectionIn("connecting", { reason: "network" }), "reconnecting", "Reconnecting…"],
    [connectionIn("paused"), "paused", "Paused"],
    [connectionIn("closed"), "closed", "Complete"],
    [connectionIn("closed", { reason: "application" }), "closed", "Closed"],
    [connectionIn("failed"), "failed", "Offline: the server refuses"],
    [connectionIn("failed", { reason: "retry-limit" }), "failed", "Offline: too many attempts"],
  ])("for $state ($reason)", (connection, phase, words) => {
    render(<ConnectionStatus connection={connection} />);
    expect(spoken()).toContain(words);
    expect(seen()).toBe(spoken());
    expect(light().dataset["state"]).toBe(phase);
    expect(dot()?.getAttribute("data-state")).toBe(phase);
  });

  test("can be replaced one by one", () => {
    const words = { live: "Verbunden" };
    const { rerender } = render(
      <ConnectionStatus connection={connectionIn("live")} words={words} />,
    );
    expect(spoken()).toBe("Verbunden");
    rerender(<ConnectionStatus connection={connectionIn("failed")} words={words} />);
    expect(spoken()).toContain("Offline");
  });
});

describe("for people who do not see it", () => {
  test("it is a polite live region, in which the dot says nothing", () => {
    render(<ConnectionStatus connection={connectionIn("live")} label="Feed" className="light" />);
    expect(light().getAttribute("aria-live")).toBe("polite");
    expect(light().getAttribute("aria-atomic")).toBe("true");
    expect(light().className).toBe("light");
    expect(dot()?.getAttribute("aria-hidden")).toBe("true");
    expect(spoken()).toBe("Feed: Live");
  });

  test("the countdown is seen and not spoken", async () => {
    const nextAttemptAtMs = Date.now() + 12_400;
    render(<ConnectionStatus connection={connectionIn("waiting", { nextAttemptAtMs })} />);
    const said = [...light().querySelectorAll("span")].find(
      ({ textContent }) => textContent === "Reconnecting…",
    );
    expect(seen()).toBe("Reconnecting in 13 s");
    await pass(3000);
    expect(seen()).toBe("Reconnecting in 10 s");
    expect(spoken()).toBe("Reconnecting…");
    // The same text in the same element: nothing in the live region has changed.
    expect(light().contains(said ?? null)).toBe(true);
    await pass(8500);
    expect(seen()).toBe("Reconnecting…");
  });

  test("a wait that is over at once is not counted", () => {
    const nextAttemptAtMs = Date.now() + 700;
    render(<ConnectionStatus connection={connectionIn("waiting", { nextAttemptAtMs })} />);
    expect(seen()).toBe("Reconnecting…");
  });

  test("the dot is filled for live and a ring for a loss, whatever the colours", () => {
    // As markup: the DOM of the tests drops style values that it cannot parse.
    const markup = (state: "live" | "failed") =>
      renderToStaticMarkup(<ConnectionStatus connection={connectionIn(state)} />);
    expect(markup("live")).toContain("/ 2)");
    expect(markup("failed")).toContain("/ 5)");
  });
});

describe("it does not flash", () => {
  test("a loss that heals within a second is not shown", async () => {
    const { rerender } = render(<ConnectionStatus connection={connectionIn("live")} />);
    await pass(5000);
    rerender(<ConnectionStatus connection={connectionIn("waiting")} />);
    await pass(900);
    expect(spoken()).toBe("Live");
    rerender(<ConnectionStatus connection={connectionIn("live")} />);
    await pass(5000);
    expect(spoken()).toBe("Live");
  });

  test("a loss that lasts is shown after a second, and then for a second", async () => {
    const { rerender } = render(<ConnectionStatus connection={connectionIn("live")} />);
    await pass(5000);
    rerender(<ConnectionStatus connection={connectionIn("waiting")} />);
    await pass(999);
    expect(spoken()).toBe("Live");
    await pass(1);
    expect(spoken()).toBe("Reconnecting…");
    rerender(<ConnectionStatus connection={connectionIn("live")} />);
    await pass(999);
    expect(spoken()).toBe("Reconnecting…");
    await pass(1);
    expect(spoken()).toBe("Live");
  });

  test("an unmounted light leaves no timer behind", async () => {
    const { rerender, unmount } = render(<ConnectionStatus connection={connectionIn("live")} />);
    rerender(<ConnectionStatus connection={connectionIn("waiting", { nextAttemptAtMs: 1e15 })} />);
    await pass(2000);
    rerender(<ConnectionStatus connection={connectionIn("live")} />);
    unmount();
    // React's scheduler may have one of its own under way.
    await act(() => vi.advanceTimersByTimeAsync(0));
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("without a connection it shows the worst of all sources below the provider", async () => {
  const server = createFakeFetch({ answersAtOnce: false });
  function Reader({ url }: { readonly url: string }) {
    useEventSource(url);
    return null;
  }
  render(
    <ThroughlineProvider options={{ fetch: server.fetch }}>
      <ConnectionStatus />
      <Reader url={FEED} />
      <Reader url={OTHER_FEED} />
    </ThroughlineProvider>,
  );
  await pass();
  await after(() => server.requests[0]?.respond());
  await pass(1000);
  expect(spoken()).toBe("Connecting…");
  await after(() => server.requests[1]?.respond());
  expect(spoken()).toBe("Live");
});
