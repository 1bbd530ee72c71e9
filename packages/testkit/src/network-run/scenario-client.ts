// What a client has to do to be tried: as little as any client can be made to do.

import type { Detour, ReaderGap } from "../scenario/index.js";

/** A client under test, whatever it is written in and wherever it runs. */
export interface ScenarioClient {
  /** For reports, such as `drop-in, Node`. */
  readonly name: string;
  /**
   * Whether its requests can be sent astray ({@link OpenReader.divert}); scenarios with detours are not for
   * clients that cannot do that.
   */
  readonly canDetour: boolean;
  /**
   * Opens a source of its own. It should resolve at once, and must not wait for the connection: what becomes of it
   * is told to `watch`.
   */
  open(url: string, watch: ReaderWatch): OpenReader | Promise<OpenReader>;
}

/** One source of a client that is under way. */
export interface OpenReader {
  /** Sends requests astray from now on, or no longer. */
  divert?(detour: Detour | undefined): void;
  close(): void | Promise<void>;
}

/** Who is told what a source does, each at the moment in which it happens. */
export interface ReaderWatch {
  /** A request for the stream leaves. A client that never says so is watched at the proxy. */
  request(): void;
  /**
   * The state has changed. `live` means open as far as the client knows, `failed` and `closed` that nothing more
   * will come by itself; others are for reports. A browser's `EventSource` is `live`, `waiting` or `failed`.
   */
  state(state: string, reason?: string): void;
  /** The application was given an event; the id matters where the server's events are counted by it. */
  event(data: string, id?: string): void;
  /** The application was told that events are missing. */
  gap(gap: ReaderGap): void;
}
