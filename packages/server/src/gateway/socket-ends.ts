// Tells when the connection of a request is gone. A response of HTTP/1.1 that waits behind another one
// on its connection (pipelining) has no socket yet, and is told nothing by Node when that closes.

import type { Duplex } from "node:stream";

/** Watches connections, with one listener for each, however many requests it carries. */
export class SocketEnds {
  readonly #watchers = new WeakMap<Duplex, Set<() => void>>();

  /** Calls `onEnd` when the socket closes; returns what ends the watch. */
  watch(socket: Duplex, onEnd: () => void): () => void {
    const watchers = this.#watchers.get(socket) ?? this.#begin(socket);
    watchers.add(onEnd);
    return () => watchers.delete(onEnd);
  }

  #begin(socket: Duplex): Set<() => void> {
    const watchers = new Set<() => void>();
    this.#watchers.set(socket, watchers);
    socket.once("close", () => {
      for (const onEnd of watchers) onEnd();
    });
    return watchers;
  }
}
