// The port of a server that has workers: takes connections, and hands each to the worker with the fewest.
//
// The primary listens itself, and passes sockets on unread. So the port stays open whichever worker
// ends, and a worker that is new, and has no readers yet, gets the next ones.

import { createServer, type Server, type Socket } from "node:net";

/** Somebody who serves connections. */
export interface Host {
  /** How many connections it has, with one that is on its way to it. */
  readonly connections: number;
  /** Whether what is published would be delivered by it. */
  readonly isReady: boolean;
  /** Whether it has the connection that it was handed last: there is one on its way at a time. */
  readonly isFree: boolean;
  /** Takes a connection. */
  take(socket: Socket): void;
}

/** Hands connections to hosts. */
export class Door {
  readonly server: Server;
  readonly #hosts: () => readonly Host[];
  /** Connections for which nobody has been free yet, the oldest first. */
  readonly #waiting = new Set<Socket>();

  /**
   * @param hosts those there are at the moment
   * @param maxSockets how many connections all of them may have; more are closed
   */
  constructor(hosts: () => readonly Host[], maxSockets: number) {
    this.#hosts = hosts;
    // As `node:http` has it for its own sockets; who takes them over cannot set it any more.
    this.server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      const taken = hosts().reduce((sum, host) => sum + host.connections, this.#waiting.size);
      if (taken >= maxSockets) {
        socket.destroy();
        return;
      }
      socket.on("error", () => {
        // It has gone before anybody had it; `close` follows.
      });
      socket.once("close", () => this.#waiting.delete(socket));
      this.#waiting.add(socket);
      this.handOut();
    });
  }

  /** Hands out what waits: to be called whenever somebody is free who was not before. */
  handOut(): void {
    for (const socket of this.#waiting) {
      const host = leastBusy(this.#hosts());
      if (host === undefined) return;
      this.#waiting.delete(socket);
      host.take(socket);
    }
  }

  /** Takes no more connections, and ends those that nobody has taken. */
  close(): void {
    this.server.close();
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting.clear();
  }
}

/** The host with the fewest connections that is free: of those that are ready, or else of all. */
function leastBusy(hosts: readonly Host[]): Host | undefined {
  const ready = hosts.filter(({ isReady }) => isReady);
  const free = (ready.length > 0 ? ready : hosts).filter(({ isFree }) => isFree);
  return free.reduce<Host | undefined>(
    (best, host) => (best === undefined || host.connections < best.connections ? host : best),
    undefined,
  );
}
