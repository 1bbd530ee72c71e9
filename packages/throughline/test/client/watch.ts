// Waits for what an EventSource does, without sleeping.

import type { ConnectionSnapshot, EventSource } from "throughline";

/** Resolves when the connection is in one of these states. */
export function untilState(source: EventSource, ...names: readonly string[]): Promise<void> {
  return until(source, ({ state }) => names.includes(state));
}

/** Resolves when the connection is in its state for this reason. */
export function untilReason(source: EventSource, name: string): Promise<void> {
  return until(source, ({ reason }) => reason === name);
}

function until(
  source: EventSource,
  isIt: (snapshot: ConnectionSnapshot) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isIt(source.connection.snapshot)) return;
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
