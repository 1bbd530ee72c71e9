// The stage of one run: server, fault proxy, readers and publisher, and what has been done to the path.

import { createDeliveryChecker, type DeliveryChecker } from "../checkers/index.js";
import { createFaultProxy, type FaultProxy } from "../fault-proxy/index.js";
import { type Detour, PathHistory, type ScenarioStep } from "../scenario/index.js";
import { NumberedPublisher, publishedNumber } from "./numbered-publisher.js";
import { RecordedReader } from "./recorded-reader.js";
import type { ScenarioClient } from "./scenario-client.js";
import type { ScenarioServer } from "./scenario-server.js";

/** Something between the fault proxy and the readers, such as a proxy of the kind that is in use. */
export interface Front {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** What a stage is made of. */
export interface StageOptions {
  readonly client: ScenarioClient;
  readonly server: ScenarioServer;
  readonly stream: string;
  readonly readers: number;
  /** Whether gaps can be held against offsets. */
  readonly hasOffsets: boolean;
  readonly startFront?: ((upstreamPort: number) => Promise<Front>) | undefined;
}

/** A counter that jumps by more than that does not count events. */
const MOST_INFERRED = 1_000_000;

/** Everything that one run needs. Times are those of `performance.now()`. */
export class ScenarioStage {
  readonly checker: DeliveryChecker = createDeliveryChecker();
  readonly path = new PathHistory();
  readonly readers: readonly RecordedReader[];
  readonly publisher: NumberedPublisher;
  readonly proxy: FaultProxy;
  readonly #options: StageOptions;
  readonly #front: Front | undefined;

  private constructor(options: StageOptions, proxy: FaultProxy, front: Front | undefined) {
    const { server, stream } = options;
    this.#options = options;
    this.proxy = proxy;
    this.#front = front;
    this.readers = Array.from(
      { length: options.readers },
      (_, at) => new RecordedReader(`reader ${at + 1}`, server.numberOf ?? publishedNumber),
    );
    for (const { name } of this.readers) {
      this.checker.joined(name, { start: this.isOwnTraffic ? "first-received" : "beginning" });
    }
    this.publisher = new NumberedPublisher({ server, stream, checker: this.checker });
  }

  static async set(options: StageOptions): Promise<ScenarioStage> {
    const { server, startFront } = options;
    const proxy = await createFaultProxy({ upstream: server.upstream });
    const front = await startFront?.(proxy.port);
    return new ScenarioStage(options, proxy, front);
  }

  get server(): ScenarioServer {
    return this.#options.server;
  }

  get stream(): string {
    return this.#options.stream;
  }

  /** Whether the server sends events of its own, and nothing is published here. */
  get isOwnTraffic(): boolean {
    return this.server.publish === undefined;
  }

  /** When a reader had an event that is newer than that moment, and so than the path. */
  healedMs(reader: RecordedReader, usableMs: number): number | undefined {
    return this.isOwnTraffic
      ? reader.renewedMs(usableMs)
      : reader.passedMs(this.publisher.firstSince(usableMs));
  }

  /** Of a server's own events it is known that they exist where later ones were seen. */
  inferPublished(): void {
    const oldest = this.readers.map((reader) => reader.oldest).filter((n) => n !== undefined);
    const newest = Math.max(...this.readers.map((reader) => reader.newest));
    if (oldest.length === 0) return;
    const last = Math.min(newest, Math.min(...oldest) + MOST_INFERRED);
    for (let n = Math.min(...oldest); n <= last; n += 1) this.checker.published(n);
  }

  /** Whether every reader is open and has all that was published. */
  get isLive(): boolean {
    const newest = this.publisher.count - 1;
    return this.readers.every((reader) => reader.isLive && reader.newest >= newest);
  }

  /** Opens all readers. */
  async open(): Promise<void> {
    const { client, server, stream, hasOffsets } = this.#options;
    const url = `${this.#front?.url ?? this.proxy.url}${server.path(stream)}`;
    await Promise.all(
      this.readers.map(async (reader) => {
        reader.reader = await client.open(url, reader.watch(this.checker, hasOffsets));
      }),
    );
  }

  /** Sends the requests of all readers astray, or no longer. */
  divert(detour: Detour | undefined): void {
    for (const { reader } of this.readers) reader?.divert?.(detour);
  }

  /** A step is about to be done. */
  begin(step: ScenarioStep): void {
    const lastByteMs = this.proxy.statistics.lastByteDownAtMs;
    this.path.changed(step, { atMs: performance.now(), lastByteMs });
  }

  /** Takes over what the fault that is set has done by itself, and says when that was. */
  lookAtFault(): number {
    const atMs = this.proxy.statistics.faultChanges.at(-1)?.atMs ?? 0;
    this.path.usableFrom(atMs);
    return atMs;
  }

  async close(): Promise<void> {
    this.publisher.pause();
    await Promise.all(this.readers.map(({ reader }) => reader?.close()));
    await this.#front?.close();
    await this.proxy.close();
    await this.publisher.settled();
  }
}
