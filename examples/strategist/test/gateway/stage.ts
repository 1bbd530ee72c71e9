// The gateway with a preset, between the real back end and readers.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryLog } from "@throughline/server";
import { createGateway, type Gateway, PRESETS } from "@throughline/server/gateway";
import { EventSource, type GapNotice } from "throughline";
import { expect, vi } from "vitest";
import {
  type Backend,
  type BackendOptions,
  startBackend,
} from "../../backend/launcher/start-backend.js";

export const FEED = "/api/v1/strategist/feed";

/** A backend, a gateway before it, and whoever reads. */
export class StrategistStage {
  readonly backend: Backend;
  readonly gateway: Gateway;
  readonly errors: unknown[] = [];
  origin = "";
  readonly #log = createMemoryLog();
  readonly #server: Server;
  readonly #readers: FeedReader[] = [];

  private constructor(backend: Backend, generation: "enhanced" | "first") {
    this.backend = backend;
    const name = generation === "first" ? "strategist-first-generation" : "strategist-enhanced";
    this.gateway = createGateway({
      ...PRESETS[name],
      upstream: backend.url,
      log: this.#log,
      onError: (error) => this.errors.push(error),
    });
    this.#server = createServer(this.gateway.handleNode);
  }

  static async start(options: BackendOptions): Promise<StrategistStage> {
    const backend = await startBackend(options);
    const stage = new StrategistStage(backend, options.generation ?? "enhanced");
    stage.#server.listen(0, "127.0.0.1");
    await once(stage.#server, "listening");
    stage.origin = `http://127.0.0.1:${(stage.#server.address() as AddressInfo).port}`;
    return stage;
  }

  async follow(target: string, cookie?: string): Promise<FeedReader> {
    const shown = cookie ?? (await this.backend.logIn());
    const reader = new FeedReader(`${this.origin}${target}`, shown);
    this.#readers.push(reader);
    return reader;
  }

  /** All readers leave; the backend and the gateway stay. */
  leaveAll(): void {
    for (const reader of this.#readers.splice(0)) reader.source.close();
  }

  async stop(): Promise<void> {
    this.leaveAll();
    await this.gateway.close({ withinMs: 0 });
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
    await this.#log.close();
    await this.backend.close();
  }
}

/** What a reader with the drop-in has seen of the feed. */
export class FeedReader {
  readonly source: EventSource;
  readonly payloads: { type?: string; data?: { id?: unknown; items?: { id: unknown }[] } }[] = [];
  readonly gaps: GapNotice[] = [];
  /** When each row came, by kind and id. */
  readonly arrivals = new Map<string, number>();
  readonly repeated: string[] = [];

  constructor(url: string, cookie: string) {
    this.source = new EventSource(url, {
      headers: { cookie },
      onGap: (gap) => this.gaps.push(gap),
    });
    this.source.onmessage = ({ data }) => {
      const payload = JSON.parse(data);
      this.payloads.push(payload);
      for (const key of rowsOf(payload)) {
        if (this.arrivals.has(key)) this.repeated.push(key);
        this.arrivals.set(key, Date.now());
      }
    };
  }

  get rows(): string[] {
    return [...this.arrivals.keys()];
  }

  async sees(...rows: readonly string[]): Promise<void> {
    await eventually(() => expect(this.rows).toEqual(expect.arrayContaining([...rows])));
  }
}

/** `alert 7`, `post 3`: what a payload tells of, in either generation. */
function rowsOf(payload: FeedReader["payloads"][number]): string[] {
  const { type, data } = payload;
  if (type === "alert") return [`alert ${data?.id}`];
  if (data?.items !== undefined) return data.items.map(({ id }) => `post ${id}`);
  const found = /^(alert|post)_(\d+)$/.exec(String(data?.id));
  return found === null ? [] : [`${found[1]} ${found[2]}`];
}

export function eventually(check: () => void | Promise<void>, timeout = 20_000): Promise<void> {
  return vi.waitFor(check, { timeout, interval: 25 });
}
