// Everything of one run: the clock, the disk, the processes, the paths, and who watches them.

import { USED_WINDOW_SHARE } from "../checkers/allowances.js";
import { createDeliveryChecker } from "../checkers/index.js";
import { HubHost } from "./actors/hub-host.js";
import { PublishingProgram } from "./actors/publisher.js";
import { Reader } from "./actors/reader.js";
import { Chance } from "./chance.js";
import { STREAM, Store } from "./disk/store.js";
import type { Answering } from "./network/exchange.js";
import type { Path, PathSetup, PathWitness } from "./network/path.js";
import type { Plan } from "./plan.js";
import { Notebook } from "./report.js";
import type { VirtualClock } from "./time/virtual-clock.js";
import { ReaderWatch } from "./watch-reader.js";

const ORIGIN = "http://hub.simulation";

/** Milliseconds of the timers and the programs themselves, beside what the path takes. */
const SLACK_MS = 150;

/** What is on its way to one reader beside its sink's mark: a page, and what a socket takes at least. */
const PAGE_BYTES = 64 * 1024 + 16 * 1024;

/** A page has few timers, and a source few listeners, whatever happens to it. */
const MOST_TIMERS = 16;
const MOST_LISTENERS = 8;

/** A reader and its watch. */
export interface WatchedReader {
  readonly reader: Reader;
  readonly watch: ReaderWatch;
}

/** What an event is on the wire beside its data: id, type and framing. */
const FRAMING_BYTES = 100;

/** The surroundings of a run. */
export class World {
  readonly clock: VirtualClock;
  readonly notebook: Notebook;
  readonly store: Store;
  readonly checker = createDeliveryChecker();
  readonly readers: readonly WatchedReader[];
  readonly publishers: readonly PublishingProgram[];
  /** The process that takes requests; while it is down, whether somebody says so. */
  serving: HubHost | Exclude<Answering, object>;
  /** Processes that shut down. */
  readonly leaving = new Set<HubHost>();
  /** Keys that a publisher was told are stored, and where. */
  readonly acknowledged = new Map<string, string>();
  readonly plan: Plan;
  readonly chance: Chance;
  #hosts = 0;

  /** To be called when the clock's globals are in place. */
  constructor(clock: VirtualClock, plan: Plan, keepsTimeline: boolean) {
    this.plan = plan;
    this.chance = new Chance(plan.seed ^ 0x5eed);
    this.clock = clock;
    clock.onCrash = (error, { name }) => this.noteBug(name, error);
    this.notebook = new Notebook(() => this.clock.nowMs, keepsTimeline);
    this.store = new Store(this.clock, plan.store, ({ cursor, position, key }) => {
      this.notebook.tell("disk", () => `stores ${key} at ${cursor}`);
      this.checker.published(cursor, position);
    });
    this.serving = this.startHost();
    this.readers = plan.readers.map((readerPlan, at) => {
      const name = `reader-${at}`;
      const watch: ReaderWatch = new ReaderWatch({
        name,
        truth: this.store.truth,
        checker: this.checker,
        notebook: this.notebook,
        nowMs: () => this.clock.nowMs,
        slackMs: SLACK_MS + 6 * (plan.latencyMs + plan.jitterMs),
        transferMs: transferMs(plan),
      });
      const reader = new Reader(
        name,
        readerPlan,
        this.#pathSetup(name, at, watch, () => watch.disturb()),
      );
      return { reader, watch };
    });
    this.publishers = plan.publishers.map((publisherPlan, at) => {
      const name = `publisher-${at}`;
      const setup = this.#pathSetup(name, 100 + at, { onRequest: () => NOBODY }, () => {});
      return new PublishingProgram(name, publisherPlan, { ...setup, url: ORIGIN });
    });
  }

  get host(): HubHost | undefined {
    return typeof this.serving === "object" ? this.serving : undefined;
  }

  path(index: number): Path | undefined {
    const { readers, publishers } = this;
    return (readers[index]?.reader ?? publishers[index - readers.length])?.path;
  }

  /** Something went wrong that is no matter of luck. */
  noteBug(where: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.notebook.breach("bug", `${where}: ${text}`);
  }

  startHost(): HubHost {
    this.#hosts += 1;
    const name = `hub-${this.#hosts}`;
    this.notebook.tell(name, () => "starts");
    const { plan, store, notebook } = this;
    return new HubHost(this.clock, name, {
      plan: plan.hub,
      store,
      witness: {
        onNotice: (notice) => {
          if (notice.kind === "connection-opened") notebook.reach(`resumed: ${notice.resume}`);
          else if (notice.kind === "connection-closed") notebook.reach(`closed: ${notice.reason}`);
          else notebook.reach(notice.kind);
        },
        onError: (error) => {
          // The log's troubles are told as such, and everything else is a bug.
          const isTrouble = error instanceof Error && error.message.startsWith("The disk of");
          if (isTrouble) notebook.reach("log failed");
          else this.noteBug(name, error);
        },
      },
    });
  }

  openReader({ reader, watch }: WatchedReader): void {
    this.notebook.tell(reader.name, () => `opens, from ${reader.plan.from}`);
    watch.watch(reader);
    reader.open(`${ORIGIN}/streams/${STREAM}`, watch);
  }

  /** Looks at every bound. */
  check(): void {
    for (const { reader, watch } of this.readers) {
      watch.check();
      const { machine } = reader;
      if (machine.timers.size > MOST_TIMERS || machine.listenerCount > MOST_LISTENERS) {
        const what = `${machine.timers.size} timers, ${machine.listenerCount} listeners`;
        this.notebook.breach("too-much-memory", `${reader.name} has ${what}`);
      }
    }
    for (const host of [...this.leaving, ...(this.host ? [this.host] : [])]) {
      this.#checkMemory(host);
    }
  }

  #checkMemory({ machine: { name }, hub, exchanges }: HubHost): void {
    const { connections, queuedBytes } = hub.stats();
    const { live, replaying, draining } = connections;
    const served = live + replaying + draining;
    if (served > exchanges.size) {
      const what = `serves ${served} readers, and has ${exchanges.size} connections`;
      this.notebook.breach("too-much-memory", `${name} ${what}`);
    }
    const mostBytes = served * (this.plan.hub.highWaterBytes + PAGE_BYTES);
    if (queuedBytes <= mostBytes) return;
    this.notebook.breach("too-much-memory", `${name} holds ${queuedBytes} bytes for its readers`);
  }

  #pathSetup(name: string, number: number, witness: PathWitness, onCut: () => void): PathSetup {
    return {
      clock: this.clock,
      client: this.clock.createMachine(`198.51.100.${number}`, { startedMs: 1000 * number + 500 }),
      chance: this.chance.fork(),
      latencyMs: this.plan.latencyMs,
      jitterMs: this.plan.jitterMs,
      splits: name.startsWith("reader") ? this.plan.splits : 0,
      backend: () => this.serving,
      witness,
      onCut: (how) => {
        this.notebook.reach(`cut: ${how}`);
        this.notebook.tell(name, () => `has its answer cut: ${how}`);
        onCut();
      },
    };
  }
}

const NOBODY = { onHead: () => {}, onBytes: () => {}, onOver: () => {} };

/** What the way of everything that is published takes where each window has to be acknowledged first. */
function transferMs({ operations, hub, latencyMs, jitterMs }: Plan): number {
  const bytes = operations.reduce((sum, operation) => {
    if (operation.kind !== "publish") return sum;
    return sum + operation.keys.length * (operation.bytes + FRAMING_BYTES);
  }, 0);
  return Math.floor(bytes / (hub.windowBytes * USED_WINDOW_SHARE)) * 2 * (latencyMs + jitterMs);
}
