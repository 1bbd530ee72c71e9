// Waits for what an EventSource does, without sleeping.

import type { EventSource } from "throughline";

/** Resolves when the connection is in a state for which `isIt` holds. */
export function untilState(source: EventSource, ...names: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!names.includes(source.connection.state)) return;
      stop();
      resolve();
    };
    const stop = source.connection.subscribe(look);
    look();
  });
}

/** Collects the data of messages; resolves when there are `count`. */
export function collect(source: EventSource, count: number): Promise<string[]> {
  const seen: string[] = [];
  return new Promise((resolve) => {
    source.addEventListener("message", ({ data }) => {
      seen.push(data);
      if (seen.length === count) resolve(seen);
    });
  });
}
