// What lies between a reader and what it reads.

import type { ScenarioServer } from "@throughline/testkit";

/** A process of a path, and what can be done to it, in passing to all who read there. */
export interface PathProcess {
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again, with what it had stored. */
  start(): Promise<void>;
  /** Has it read its configuration again. Only proxies can. */
  reload?(): Promise<void>;
}

/** The processes that a path may have. */
export type ProcessName = "hub" | "gateway" | "backend" | "proxy";

/** A path, ready for readers. It listens on every address of loopback. */
export interface OpenPath extends ScenarioServer {
  readonly processes: Readonly<Partial<Record<ProcessName, PathProcess>>>;
  /** Events have to be at least so far apart, in milliseconds. Default: none has to. */
  readonly leastGapMs?: number | undefined;
}

/** One kind of path. */
export interface PathKind {
  /** Unique: what `--path` takes. */
  readonly id: PathId;
  readonly title: string;
  /** Whether it ends at endpoints that exist already, and not at a hub. */
  readonly isForeign: boolean;
  /** Whether it speaks TLS and HTTP/2, so that a proxy between can do nothing but what can be done to TCP. */
  readonly isEncrypted: boolean;
  /** The processes that can be killed once it is open. */
  readonly processes: readonly ProcessName[];
  /** How many runs it can take at a time. Default: as many as there are. */
  readonly mostRuns?: number | undefined;
  /** Why it cannot be had on this machine; `undefined` where it can. */
  missing(): string | undefined;
  open(options: PathOptions): Promise<OpenPath>;
}

/** The names of all paths. */
export type PathId = "direct" | "nginx" | "caddy" | "haproxy" | "h2" | "gateway";

/** How a path is opened. */
export interface PathOptions {
  /** The script of a frame, which the server at the end serves. */
  readonly frameScript: string;
  /**
   * A folder for a log that has to outlive its process. Default: in memory, and whatever kills the process
   * loses it.
   */
  readonly directory?: string | undefined;
}
