// What a scenario is played against: a hub of its own, unless something else is given.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  createHub,
  createMemoryLog,
  type EventLog,
  type Hub,
  type HubOptions,
  parseStreamName,
} from "@throughline/server";
import type { HubAction } from "../scenario/index.js";

/** The far end of the path. */
export interface ScenarioServer {
  /** Where the fault proxy leads to: the server itself, or what stands in front of it. */
  readonly upstream: { readonly host: string; readonly port: number };
  /** Path and query at which a reader is given the stream from its beginning. */
  path(stream: string): string;
  /**
   * Publishes the data of one event: resolves when it is acknowledged, rejects when it is not. A server without this
   * sends events of its own; what a scenario says of publishing is then not done.
   */
  publish?(stream: string, data: string): Promise<void>;
  /**
   * The number of an event of the server's own: consecutive ones follow each other. `undefined` for events that are
   * not to be counted. Default: the number of those that were published here.
   */
  numberOf?(data: string, id: string): number | undefined;
  /**
   * Whether the acknowledged events of a stream stand at the offsets 1, 2, 3 and so on, so that the range that a
   * gap names can be held against what is missing.
   */
  readonly countsOffsets: boolean;
  /** Which actions it can do. Scenarios with others are not for it. */
  readonly actions: readonly HubAction[];
  act(action: HubAction, stream: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A hub of this process, on loopback. When it is killed, its connections are reset and its port is closed; the log
 * stays, and closes with the server.
 *
 * @param options those of the hub; default: a new memory log, and room for events of 16 MiB
 */
export async function startHubServer(options: Partial<HubOptions> = {}): Promise<ScenarioServer> {
  const server = new HubServer(options);
  await server.start();
  return server;
}

/** Events that scenarios make are larger than a hub takes by default. */
const LARGE_BYTES = 16 * 1024 * 1024;

class HubServer implements ScenarioServer {
  readonly countsOffsets = true;
  readonly actions = ["kill", "start", "trim", "wipe", "seal"] as const;
  readonly #options: Partial<HubOptions>;
  readonly #log: EventLog;
  #port = 0;
  #running:
    | { readonly hub: Hub; readonly server: Server; readonly sockets: Set<Socket> }
    | undefined;

  constructor(options: Partial<HubOptions>) {
    this.#options = options;
    this.#log = options.log ?? createMemoryLog();
  }

  get upstream() {
    return { host: "127.0.0.1", port: this.#port };
  }

  path(stream: string): string {
    return `/streams/${stream}?cursor=earliest`;
  }

  async publish(stream: string, data: string): Promise<void> {
    if (this.#running === undefined) throw new Error("The hub is down: nothing was published.");
    await this.#running.hub.publish(stream, { data });
  }

  async act(action: HubAction, stream: string): Promise<void> {
    const name = parseStreamName(stream);
    switch (action) {
      case "kill":
        await this.#kill();
        return;
      case "start":
        await this.start();
        return;
      case "trim":
        await this.#log.trim(name, Number.MAX_SAFE_INTEGER);
        return;
      case "wipe":
        await this.#log.remove(name);
        return;
      case "seal":
        await this.#log.seal(name);
    }
  }

  /** Listens, at the same port as before. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const hub = createHub({ maxEventBytes: LARGE_BYTES, ...this.#options, log: this.#log });
    const sockets = new Set<Socket>();
    const server = createServer(hub.handleNode);
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    this.#running = { hub, server, sockets };
  }

  async close(): Promise<void> {
    await this.#kill();
    if (this.#options.log === undefined) await this.#log.close();
  }

  async #kill(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    const { hub, server, sockets } = running;
    const closed = once(server, "close");
    server.close();
    // First the connections, so that the hub has nobody left to say goodbye to.
    for (const socket of sockets) socket.resetAndDestroy();
    await Promise.all([closed, hub.close({ withinMs: 0 })]);
  }
}
