// What a scenario plays on: a contract server, and clients that run in Node or in a page.

import type { EventSourceOptions, TransportName } from "throughline";
import type { ClientSetup } from "./drivers.js";
import type { Plain, ProbeSnapshot } from "./probe.js";
import type { ContractServer, ContractServerSettings } from "./server/contract-server.js";

/** A client that runs on a stage. */
export interface Client {
  snapshot(): Promise<ProbeSnapshot>;
  /** Ends the client as the application does on unmount. */
  stop(): Promise<void>;
  /** Calls a public method of the class. */
  call(method: string, ...args: readonly unknown[]): Promise<Plain>;
}

/** A server, logged in to, and a place to run clients of it. */
export interface Stage {
  readonly server: ContractServer;
  /** What stands behind the global `EventSource`. */
  readonly transport: TransportName;
  /** Starts a client; its `baseUrl` is the stage's to fill in. */
  open(
    setup: Omit<ClientSetup, "baseUrl"> & { readonly origin?: string | undefined },
  ): Promise<Client>;
  /** Logs in again, as the user does in another tab. */
  logIn(): Promise<void>;
  close(): Promise<void>;
}

/** Options for the global `EventSource` that can be sent to a page. */
export type PlainOptions = Pick<EventSourceOptions, "idleTimeoutMs">;

/** How a stage is set up for a scenario. */
export interface StageSetup {
  readonly settings?: Partial<ContractServerSettings> | undefined;
  readonly options?: PlainOptions | undefined;
}

/** Sets up a stage; a scenario gets its own. */
export type OpenStage = (setup: StageSetup) => Promise<Stage>;

/** One story about the application's classes, told to a fresh stage. */
export interface Scenario<On extends Stage = Stage> extends StageSetup {
  /** A sentence about behaviour. */
  readonly title: string;
  run(stage: On): Promise<void>;
}

/**
 * Waits until `find` returns something, and returns it.
 *
 * @throws Error that says what was waited for, after `withinMs` milliseconds (default 6000)
 */
export async function until<T>(
  what: string,
  find: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 6000,
): Promise<T> {
  const endMs = Date.now() + withinMs;
  // Asking a page costs more than the precision is worth once it takes long.
  for (let pauseMs = 30; ; pauseMs = Math.min(pauseMs * 1.5, 300)) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await wait(pauseMs);
  }
}

/** Lets time pass, where the passing of time is the subject. */
export function wait(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
