// Runs beside the application's classes, in Node and in the page alike, and turns what it sees into
// plain data that can leave the page.

import { type ClientSetup, createDriver } from "./drivers.js";
import type { SourceRecord, SourceWatch } from "./observe-sources.js";

/**
 * A value as plain data: dates become `{ $date: ms }`, DOM events `{ $event: type }`, errors
 * `{ $error: message }`.
 */
export type Plain =
  | null
  | boolean
  | number
  | string
  | undefined
  | readonly Plain[]
  | { readonly [name: string]: Plain };

/** One emitted event, callback or change of a class. */
export interface Emission {
  readonly name: string;
  readonly atMs: number;
  readonly payload: Plain;
}

/** Everything a scenario can know about a client at one moment. */
export interface ProbeSnapshot {
  readonly emitted: readonly Emission[];
  /** The `EventSource` objects that the class has made, oldest first. */
  readonly sources: readonly SourceRecord[];
  readonly status: Plain;
}

/** A running client with its recorder. */
export interface Probe {
  snapshot(): ProbeSnapshot;
  /** Ends the client as the application does on unmount. */
  stop(): void;
  /** Calls a public method of the class. */
  call(method: string, ...args: readonly unknown[]): Plain;
}

/** Starts a client; `origin` is the server it talks to. */
export function openProbe(setup: ClientSetup, origin: string, watch: SourceWatch): Probe {
  const emitted: Emission[] = [];
  const sources = watch.follow(origin);
  const driver = createDriver(setup, (name, payload) => {
    emitted.push({ name, atMs: Date.now(), payload: toPlain(payload) });
  });
  driver.start();
  return {
    snapshot: () => ({
      emitted: [...emitted],
      sources: sources(),
      status: toPlain(driver.status()),
    }),
    stop: () => driver.stop(),
    call: (method, ...args) => toPlain(driver.call(method, args)),
  };
}

function toPlain(value: unknown): Plain {
  if (value instanceof Date) return { $date: value.getTime() };
  if (value instanceof Event) return { $event: value.type };
  if (value instanceof Error) return { $error: value.message };
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, toPlain(member)]),
    );
  }
  const isPlain = value === null || ["boolean", "number", "string"].includes(typeof value);
  return isPlain ? (value as Plain) : undefined;
}
