// A gateway between a backend of the test's and readers, on real sockets.

import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createGateway, type Gateway, type GatewayOptions } from "@throughline/server/gateway";
import { createMemoryLog, type EventLog } from "@throughline/server/log";
import { EventSource } from "throughline";
import { createParser, type ParsedEvent } from "throughline/core";
import { expect, vi } from "vitest";
import type { GatewayRoute } from "../../src/gateway/route.js";
import { FakeBackend } from "./fake-backend.js";

const CHECK = {
  path: "/status",
  expect: { authenticated: true },
  withinMs: 1000,
  everyMs: 1000,
  graceMs: 60_000,
} as const;

/** What a test wants otherwise. */
export interface StageOptions extends Partial<Omit<GatewayOptions, "upstream" | "routes" | "log">> {
  readonly isChecked?: boolean;
  readonly log?: EventLog;
}

export class GatewayStage {
  readonly backend = new FakeBackend();
  readonly log: EventLog;
  readonly errors: unknown[] = [];
  gateway!: Gateway;
  origin = "";
  readonly #route: GatewayRoute;
  readonly #options: StageOptions;
  #server: Server | undefined;
  readonly #leave: (() => void)[] = [];

  constructor(route: GatewayRoute, options: StageOptions = {}) {
    this.#route = { ...route, isChecked: options.isChecked ?? false };
    this.#options = options;
    this.log = options.log ?? createMemoryLog();
  }

  async start(): Promise<this> {
    await this.backend.start();
    await this.startGateway();
    return this;
  }

  /** A gateway, or another one after {@link stopGateway}, on the same port and log. */
  async startGateway(): Promise<void> {
    const { isChecked: _, ...options } = this.#options;
    this.gateway = createGateway({
      identity: { cookies: ["session"], headers: ["authorization"] },
      check: CHECK,
      onError: (error) => this.errors.push(error),
      ...options,
      upstream: this.backend.origin,
      routes: [this.#route],
      log: this.log,
    });
    const server = createServer(this.gateway.handleNode);
    server.on("upgrade", this.gateway.handleUpgrade);
    server.listen(this.origin === "" ? 0 : Number(new URL(this.origin).port), "127.0.0.1");
    await once(server, "listening");
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#server = server;
  }

  async stopGateway(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    await this.gateway.close({ withinMs: 0 });
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }

  async stop(): Promise<void> {
    for (const leave of this.#leave) leave();
    await this.stopGateway();
    await this.backend.stop();
    await this.log.close();
  }

  /** A reader that knows nothing of Throughline, connected once. */
  async read(target = "/feed", headers: Readonly<Record<string, string>> = {}): Promise<RawReader> {
    const reader = await RawReader.open(`${this.origin}${target}`, headers);
    this.#leave.push(() => reader.close());
    return reader;
  }

  /** A reader with the drop-in. */
  follow(target = "/feed", headers: Readonly<Record<string, string>> = {}): Follower {
    const follower = new Follower(`${this.origin}${target}`, headers);
    this.#leave.push(() => follower.source.close());
    return follower;
  }
}

/** One response. */
export class RawReader {
  readonly events: ParsedEvent[] = [];
  text = "";
  isOver = false;
  readonly #close: () => void;

  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;

  private constructor({ statusCode = 0, headers }: IncomingMessage, close: () => void) {
    this.status = statusCode;
    this.headers = headers;
    this.#close = close;
  }

  static async open(url: string, headers: Readonly<Record<string, string>>): Promise<RawReader> {
    const outgoing = request(url, { agent: false, headers });
    outgoing.on("error", () => {});
    outgoing.end();
    const [response] = await once(outgoing, "response");
    const reader = new RawReader(response, () => outgoing.destroy());
    const parser = createParser(
      { onEvent: (event) => reader.events.push(event) },
      { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
    );
    response.on("data", (chunk: Buffer) => {
      reader.text += chunk.toString("utf8");
      parser.push(chunk);
    });
    response.on("error", () => {});
    response.once("close", () => {
      reader.isOver = true;
    });
    return reader;
  }

  /** Data of the unnamed messages: what existing code sees. */
  get messages(): string[] {
    return this.events.filter(({ type }) => type === "message").map(({ data }) => data);
  }

  /** Data of the events of a type. */
  named(type: string): string[] {
    return this.events.filter((event) => event.type === type).map(({ data }) => data);
  }

  close(): void {
    this.#close();
  }
}

/** The drop-in, and what it has told. */
export class Follower {
  readonly source: EventSource;
  readonly messages: string[] = [];
  readonly gaps: string[] = [];
  errors = 0;

  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.source = new EventSource(url, { headers, onGap: ({ reason }) => this.gaps.push(reason) });
    this.source.onmessage = ({ data }) => this.messages.push(data);
    this.source.onerror = () => {
      this.errors += 1;
    };
  }
}

/** Waits until something is so. */
export function eventually(check: () => void | Promise<void>, timeout = 10_000): Promise<void> {
  return vi.waitFor(check, { timeout, interval: 20 });
}

/** Waits until a list has become another one. */
export async function comesTo(list: () => unknown, expected: unknown): Promise<void> {
  await eventually(() => expect(list()).toEqual(expected));
}
