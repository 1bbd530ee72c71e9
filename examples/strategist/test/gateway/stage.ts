// The gateway with a preset, between the real back end and readers, and on either side a line that can be
// broken.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryLog, type EventLog } from "@throughline/server";
import {
  createGateway,
  type Gateway,
  type GatewayOptions,
  type GatewayRoute,
  PRESETS,
} from "@throughline/server/gateway";
import { createFaultProxy, type FaultProxy } from "@throughline/testkit";
import {
  type Backend,
  type BackendOptions,
  startBackend,
} from "../../backend/launcher/start-backend.js";
import { FeedReader, NativeReader } from "./readers.js";

export { eventually, FeedReader, NativeReader } from "./readers.js";

export const FEED = "/api/v1/strategist/feed";

/** The feed of a ward, as the existing clients ask for it. */
export function feedOf(ward: string, priority = "all"): string {
  return `${FEED}?ward=${encodeURIComponent(ward)}&priority=${priority}&since=`;
}

/** How far ahead of the clock rows are dated: longer than a poll takes, shorter than the pause after it. */
const AHEAD_MS = 400;

/**
 * A row that the first generation does not lose by itself: what is committed between the query of a
 * poll and its end bears a time before that end, and no later poll asks for it (defect D8).
 */
export function rowIn(ward: string): { readonly ward: string; readonly created_at: string } {
  return { ward, created_at: new Date(Date.now() + AHEAD_MS).toISOString() };
}

export type Generation = "enhanced" | "first";

type Check = NonNullable<GatewayOptions["check"]>;

/** What a test wants otherwise than the preset has it. */
export interface StageOptions {
  /** Of the feed's route. */
  readonly upstream?: Partial<GatewayRoute["upstream"]>;
  readonly check?: Partial<Check>;
  readonly identity?: GatewayRoute["identity"];
  readonly maxUpstreams?: number;
  /** Whether the gateway asks the backend itself, with no line that could be broken. */
  readonly isDirect?: true;
  readonly log?: EventLog;
}

/** A gateway before a backend that runs, with a faulty line on each side, and whoever reads. */
export class GatewayLane {
  readonly backend: Backend;
  /** The line between the gateway and the backend. */
  readonly backendLink: FaultProxy;
  readonly gateway: Gateway;
  readonly errors: unknown[] = [];
  /** Where readers come in. */
  origin = "";
  readonly #log: EventLog;
  readonly #server: Server;
  readonly #readers: { readonly close: () => void }[] = [];
  #readerLink: FaultProxy | undefined;

  private constructor(
    backend: Backend,
    backendLink: FaultProxy,
    options: StageOptions & { readonly generation: Generation },
  ) {
    this.backend = backend;
    this.backendLink = backendLink;
    this.#log = options.log ?? createMemoryLog();
    this.gateway = createGateway({
      ...presetWith(options),
      upstream: options.isDirect === true ? backend.url : backendLink.url,
      log: this.#log,
      ...(options.maxUpstreams === undefined ? {} : { maxUpstreams: options.maxUpstreams }),
      onError: (error) => this.errors.push(error),
    });
    this.#server = createServer(this.gateway.handleNode);
  }

  static async start(
    backend: Backend,
    options: StageOptions & { readonly generation: Generation },
  ): Promise<GatewayLane> {
    const lane = new GatewayLane(backend, await linkTo(backend.url), options);
    lane.#server.listen(0, "127.0.0.1");
    await once(lane.#server, "listening");
    const { port } = lane.#server.address() as AddressInfo;
    lane.#readerLink = await linkTo(`http://127.0.0.1:${port}`);
    lane.origin = lane.#readerLink.url;
    return lane;
  }

  /** The line between readers and the gateway. */
  get readerLink(): FaultProxy {
    if (this.#readerLink === undefined) throw new Error("It has not been started.");
    return this.#readerLink;
  }

  /** Requests for the feed that the gateway has sent. */
  get asked(): number {
    const { requestHeads } = this.backendLink.statistics;
    return requestHeads.filter(({ target }) => target.startsWith(FEED)).length;
  }

  async follow(target: string, cookie?: string): Promise<FeedReader> {
    const reader = new FeedReader(
      `${this.origin}${target}`,
      cookie ?? (await this.backend.logIn()),
    );
    this.#readers.push(reader.source);
    return reader;
  }

  async followNatively(target: string, cookie?: string, waitMs?: number): Promise<NativeReader> {
    const shown = cookie ?? (await this.backend.logIn());
    const reader = new NativeReader(`${this.origin}${target}`, shown, waitMs);
    this.#readers.push(reader);
    return reader;
  }

  /** All readers leave; the backend and the gateway stay. */
  leaveAll(): void {
    for (const reader of this.#readers.splice(0)) reader.close();
  }

  async stop(): Promise<void> {
    this.leaveAll();
    await this.gateway.close({ withinMs: 0 });
    this.#server.closeAllConnections();
    this.#server.close();
    await Promise.all([this.readerLink.close(), this.backendLink.close()]);
    await this.#log.close();
  }
}

/** A lane, and a backend of its own. */
export class StrategistStage {
  readonly backend: Backend;
  readonly lane: GatewayLane;

  private constructor(backend: Backend, lane: GatewayLane) {
    this.backend = backend;
    this.lane = lane;
  }

  static async start(
    options: BackendOptions,
    changes: StageOptions = {},
  ): Promise<StrategistStage> {
    const { generation = "enhanced" } = options;
    const backend = await startBackend(options);
    return new StrategistStage(
      backend,
      await GatewayLane.start(backend, { generation, ...changes }),
    );
  }

  get errors(): readonly unknown[] {
    return this.lane.errors;
  }

  follow(target: string, cookie?: string): Promise<FeedReader> {
    return this.lane.follow(target, cookie);
  }

  leaveAll(): void {
    this.lane.leaveAll();
  }

  async stop(): Promise<void> {
    await this.lane.stop();
    await this.backend.close();
  }
}

function linkTo(url: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(url);
  return createFaultProxy({ upstream: { host: hostname, port: Number(port) } });
}

function presetWith({
  generation,
  upstream,
  check,
  identity,
}: StageOptions & { readonly generation: Generation }) {
  const name = generation === "first" ? "strategist-first-generation" : "strategist-enhanced";
  const preset = PRESETS[name];
  const routes = preset.routes.map((route) =>
    route.name === "feed"
      ? {
          ...route,
          identity: identity ?? route.identity,
          upstream: { ...route.upstream, ...upstream },
        }
      : route,
  );
  return { ...preset, routes, ...(preset.check && { check: { ...preset.check, ...check } }) };
}
