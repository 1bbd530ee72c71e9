// A gateway as those see it who run one.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { CloseOptions, Hub, NodeRequest, NodeResponse } from "../hub/index.js";
import type { GatewayCounts } from "./counts.js";

/** A gateway at this moment. */
export interface GatewayStats {
  /** Streams that somebody reads, or has until recently. */
  readonly streams: number;
  /** Those whose backend is not heard at the moment. */
  readonly stale: number;
  /** Threads of the backend: taken, left but most likely not free yet, and waited for. */
  readonly threads: { readonly busy: number; readonly ghosts: number; readonly waiting: number };
  /** What was done since the start. */
  readonly totals: Readonly<GatewayCounts>;
}

/**
 * Stands before a backend. Requests for its routes are answered from the log, which one supervised
 * connection to the backend fills for all who read the same; all others are passed on as they are.
 */
export interface Gateway {
  /** A listener for `node:http` and `node:http2`. */
  readonly handleNode: (request: NodeRequest, response: NodeResponse) => void;
  /** A listener for `upgrade`: WebSockets and the like are passed on. */
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /**
   * Shuts down in good order: new requests are answered 503, readers are told to go elsewhere, and the
   * backend's connections are closed. Resolves when the last is gone. The log stays open.
   *
   * @throws StreamError `invalid-option`
   */
  close(options?: CloseOptions): Promise<void>;
  /** How it is now. */
  stats(): GatewayStats;
  /** What serves the readers, for `createHealth` and `createMetrics`. */
  readonly hub: Hub;
}
