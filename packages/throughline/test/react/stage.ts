// What the tests of the hooks have in common.

import { act } from "@testing-library/react";
import { vi } from "vitest";

/** A stream. */
export const FEED = "https://news.example/feed";
/** Another one. */
export const OTHER_FEED = "https://news.example/other";

/** Lets time pass, and everything that follows from it happen, rendering included. */
export async function pass(ms = 0): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(ms));
}

/** Does something, and lets everything that follows from it at once happen. */
export async function after(action: () => void): Promise<void> {
  await act(async () => {
    action();
    await vi.advanceTimersByTimeAsync(0);
  });
}

/** Blocks of a stream, one for each of `data`, with ids that count from `firstId`. */
export function blocks(data: readonly string[], firstId = 1): string {
  return data.map((text, index) => `id: ${firstId + index}\ndata: ${text}\n\n`).join("");
}
