// The proxy's open port, which can be closed and opened again at the same number.

import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** What a listener is made of. */
export interface ListenerOptions {
  readonly host: string;
  /** 0 for any free one; the choice is kept afterwards. */
  readonly port: number;
  readonly onConnection: (socket: Socket) => void;
}

/**
 * While the port is shut another program may be given it for a moment, as the local end of one of its
 * own connections. Opening again tries for this long, as often as this.
 */
const REOPEN_WITHIN_MS = 2000;
const REOPEN_EVERY_MS = 20;

/**
 * Where a free port is looked for: below the range from which systems take the local ends of outgoing
 * connections (RFC 6335 has it begin at 49152, Linux at 32768), so that nobody is given the port
 * while it is shut. Far fewer are taken than would make so many tries fail.
 */
const CHOICE = { first: 15_000, count: 17_000, tries: 50 } as const;

/** Listens, or does not. */
export class Listener {
  readonly #options: ListenerOptions;
  #port: number;
  #server: Server | undefined;
  #opening: Promise<void> = Promise.resolve();

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** The number of the port; 0 before it was first opened. */
  get port(): number {
    return this.#port;
  }

  /** Listens, if it does not yet. Rejects when the port cannot be had. */
  open(): Promise<void> {
    if (this.#server === undefined) {
      this.#server = this.#createServer();
      this.#opening = this.#listen(this.#server);
    }
    return this.#opening;
  }

  /**
   * Stops listening, effective on return. Accepted connections stay; those that wait to be accepted
   * are reset by the operating system.
   */
  shut(): void {
    const server = this.#server;
    this.#server = undefined;
    if (server?.listening === true) server.close();
  }

  #createServer(): Server {
    return createServer({ allowHalfOpen: true, noDelay: true }, this.#options.onConnection);
  }

  async #listen(server: Server): Promise<void> {
    const giveUpAtMs = performance.now() + REOPEN_WITHIN_MS;
    const { host } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const isChoosing = this.#port === 0;
      const port = isChoosing && tries < CHOICE.tries ? anyPort() : this.#port;
      const error = await tryListen(server, { host, port });
      if (this.#server !== server) {
        // Shut again in the meantime, before there was anything to close.
        if (error === undefined) server.close();
        return;
      }
      if (error === undefined) {
        const address = server.address();
        if (address !== null && typeof address === "object") this.#port = address.port;
        return;
      }
      const isTaken = "code" in error && error.code === "EADDRINUSE";
      if (!isTaken || performance.now() >= giveUpAtMs) {
        this.#server = undefined;
        throw error;
      }
      if (!isChoosing) await wait(REOPEN_EVERY_MS);
    }
  }
}

function anyPort(): number {
  return CHOICE.first + Math.floor(Math.random() * CHOICE.count);
}

/** Resolves with the error, or with `undefined` once the server listens. */
function tryListen(
  server: Server,
  address: { readonly host: string; readonly port: number },
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const onError = (error: Error) => {
      server.off("listening", onListening);
      resolve(error);
    };
    const onListening = () => {
      server.off("error", onError);
      resolve(undefined);
    };
    server.once("error", onError);
    server.once("listening", onListening);
    server.listen(address);
  });
}
