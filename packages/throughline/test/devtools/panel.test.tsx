// @vitest-environment happy-dom

import { act, cleanup, render } from "@testing-library/react";
import { StrictMode } from "react";
import { installDevtools, mountDevtools, ThroughlineDevtools } from "throughline/devtools";
import { ThroughlineProvider, useEventSource } from "throughline/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFakeFetch } from "../react/fake-fetch.js";
import { FEED, pass } from "../react/stage.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  Reflect.deleteProperty(globalThis, Symbol.for("throughline.watcher"));
  vi.useRealTimers();
});

const hosts = () => document.querySelectorAll("[data-throughline-devtools]");
const drawer = () => hosts()[0]?.shadowRoot?.querySelector<HTMLElement>("#drawer");

test("rendered with the application it sees every stream of it, also in StrictMode", async () => {
  const server = createFakeFetch();
  function Reader() {
    useEventSource(FEED);
    return null;
  }
  const { container, unmount } = render(
    <StrictMode>
      <ThroughlineProvider options={{ fetch: server.fetch }}>
        <Reader />
        <ThroughlineDevtools />
      </ThroughlineProvider>
    </StrictMode>,
  );
  await pass();
  expect(installDevtools().streams.map(({ url }) => url)).toEqual([FEED]);
  expect(container.innerHTML).toBe("");
  expect(hosts()).toHaveLength(1);
  unmount();
  expect(hosts()).toHaveLength(0);
});

test("open from the beginning it takes the focus from nobody, and says why it is empty", async () => {
  const input = document.createElement("input");
  document.body.append(input);
  input.focus();
  const end = mountDevtools({ isOpen: true });
  expect(drawer()?.hidden).toBe(false);
  expect(document.activeElement).toBe(input);
  expect(drawer()?.textContent).toContain("No stream has been opened");
  await act(() => vi.advanceTimersByTimeAsync(5000));
  end();
  input.remove();
  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(vi.getTimerCount()).toBe(0);
});
