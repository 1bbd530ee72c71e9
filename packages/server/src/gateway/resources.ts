// The streams of a gateway: which one a reader is served from, and when one is forgotten.

import { createHash, randomUUID } from "node:crypto";
import { decodeCursor } from "throughline/core";
import { parseStreamName, type StreamName } from "../log/index.js";
import type { FillerOptions } from "./filler.js";
import { parseMoment } from "./moment.js";
import { Resource, type ResourceHost } from "./resource.js";
import type { RouteMatch } from "./route-table.js";
import { REGISTRY_STREAM, StreamRegistry } from "./stream-registry.js";

/** Who comes so soon after the end of a piece of work joins it: it may have been there before. */
const JOIN_MS = 5000;

/** What a reader asks for. */
export interface ResourceWish {
  readonly match: RouteMatch;
  /** Whose stream it is; the same for all where it is shared. */
  readonly owner: string;
  /** What the reader showed; `undefined` for nothing. */
  readonly cursor: string | undefined;
  /** Where it wants to begin, in the backend's words; `undefined` for nothing. */
  readonly since: string | undefined;
}

/** Keeps the streams that somebody needs. */
export class Resources {
  readonly #host: ResourceHost;
  readonly #common: Pick<FillerOptions, "log" | "threads" | "upstream" | "counts">;
  /** By what they are; of pieces of work those that are over too, the newest last. */
  readonly #byKey = new Map<string, Resource[]>();
  readonly #keys = new Map<Resource, string>();
  readonly #registry: StreamRegistry;

  constructor(
    host: Omit<ResourceHost, "onClosed">,
    common: Pick<FillerOptions, "log" | "threads" | "upstream" | "counts">,
  ) {
    this.#host = { ...host, onClosed: (resource) => this.#forget(resource) };
    this.#common = common;
    this.#registry = new StreamRegistry({
      log: common.log,
      isInUse: (stream) => this.all().some((resource) => resource.stream === stream),
      onError: (error) => host.onError(error, REGISTRY_STREAM),
    });
  }

  /** All of them, at this moment. */
  all(): readonly Resource[] {
    return [...this.#keys.keys()];
  }

  /** The stream for a reader; it is begun where there is none. */
  find(wish: ResourceWish): Resource {
    const key = `${wish.match.resource} ${wish.owner}`;
    const known = this.#byKey.get(key) ?? [];
    return this.#known(known, wish) ?? this.#begin(key, known, wish);
  }

  async close(): Promise<void> {
    for (const resource of this.all()) resource.close();
    await this.#registry.close();
  }

  /** A reader goes on where it was; any other joins what is going on. */
  #known(known: readonly Resource[], { cursor }: ResourceWish): Resource | undefined {
    const epoch = cursor === undefined ? undefined : decodeCursor(cursor)?.epoch;
    const same = known.find((resource) => epoch !== undefined && resource.epoch === epoch);
    if (same !== undefined) return same;
    const newest = known.at(-1);
    if (newest?.finishedMs === undefined) return newest;
    return performance.now() - newest.finishedMs < JOIN_MS ? newest : undefined;
  }

  #begin(key: string, known: readonly Resource[], wish: ResourceWish): Resource {
    const { match, since, cursor } = wish;
    const { route, upstreamTarget: target } = match;
    const resource = new Resource(this.#host, {
      ...this.#common,
      stream: streamOf(route.name, key, route.life === "run"),
      route,
      target,
      since: parseMoment(since),
      knownEpoch: cursor === undefined ? undefined : decodeCursor(cursor)?.epoch,
    });
    this.#registry.use(resource.stream);
    this.#byKey.set(key, [...known, resource]);
    this.#keys.set(resource, key);
    return resource;
  }

  #forget(resource: Resource): void {
    const key = this.#keys.get(resource);
    if (key === undefined) return;
    this.#keys.delete(resource);
    const left = (this.#byKey.get(key) ?? []).filter((other) => other !== resource);
    if (left.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, left);
  }
}

/**
 * The name of a stream in the log. What it is for is in it as a hash: names show nothing of a query or of
 * whose it is. It is the same after a restart, but for pieces of work, which are new each time.
 */
function streamOf(routeName: string, key: string, isRun: boolean): StreamName {
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return parseStreamName(`${routeName}/${hash}${isRun ? `/${randomUUID()}` : ""}`);
}
