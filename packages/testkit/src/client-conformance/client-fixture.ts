// What a case of the suite works with, and how a client is plugged in.

import { setTimeout as wait } from "node:timers/promises";
import { failure } from "../case-checks.js";
import { type Exchange, ScriptedServer } from "./scripted-server.js";

/** An event, as a client hands it out. */
export interface ReceivedEvent {
  readonly type: string;
  readonly data: string;
  /** What the standard calls the last event id: that of this event, or of the last before it that had one. */
  readonly lastEventId: string;
}

/** A source of the client under test that is under way. */
export interface OpenClient {
  close(): void | Promise<void>;
}

/** How to run the suite. */
export interface ClientConformanceOptions {
  /**
   * Opens a source. It must not wait for the connection, and hands every event of the types `message` and `other` to
   * `onEvent`.
   */
  open(url: string, onEvent: (event: ReceivedEvent) => void): OpenClient | Promise<OpenClient>;
  /** Default `standard`. */
  readonly level?: ClientLevel | undefined;
  /**
   * How long to wait for what has to happen, in milliseconds; only a failing case waits so long. Default 10,000: clients
   * differ in how soon they come back.
   */
  readonly waitMs?: number | undefined;
}

/**
 * How much is asked of a client. `standard`: the HTML standard, §9.2. `resilient`: that it gets over what the standard
 * leaves it alone with, too.
 */
export type ClientLevel = "standard" | "resilient";

/** One sentence about a client, before it has one to run on. */
export interface ClientCase {
  readonly name: string;
  readonly level: ClientLevel;
  readonly reference: string;
  run(fixture: ClientFixture): Promise<void>;
}

const LOOK_EVERY_MS = 2;

/** A server and a client for one case. */
export class ClientFixture {
  readonly server: ScriptedServer;
  /** What the client has handed out. */
  readonly events: ReceivedEvent[] = [];
  readonly #options: ClientConformanceOptions;
  #client: OpenClient | undefined;

  private constructor(server: ScriptedServer, options: ClientConformanceOptions) {
    this.server = server;
    this.#options = options;
  }

  static async create(options: ClientConformanceOptions): Promise<ClientFixture> {
    return new ClientFixture(await ScriptedServer.start(), options);
  }

  /** Opens the client, and resolves with its first request. */
  async open(): Promise<Exchange> {
    const { open } = this.#options;
    this.#client = await open(this.server.url, (event) => this.events.push(event));
    return await this.next("asks");
  }

  /** The next request, which has to come. */
  async next(what = "comes back"): Promise<Exchange> {
    const { waitMs = 10_000 } = this.#options;
    const exchange = await this.server.next(waitMs);
    if (exchange !== undefined) return exchange;
    throw failure(`the client never ${what}: waited ${waitMs} ms for that`);
  }

  /** Throws where a request comes within that time. */
  async expectSilence(forMs: number): Promise<void> {
    const exchange = await this.server.next(forMs);
    if (exchange !== undefined) throw failure("the client came back");
  }

  /** Resolves when it is true. */
  async expectSoon(what: string, isTrue: () => boolean): Promise<void> {
    const { waitMs = 10_000 } = this.#options;
    const dueMs = performance.now() + waitMs;
    while (!isTrue()) {
      if (performance.now() > dueMs) {
        const seen = JSON.stringify(this.events).slice(0, 500);
        throw failure(`${what}: waited ${waitMs} ms for that in vain. Events so far: ${seen}`);
      }
      await wait(LOOK_EVERY_MS);
    }
  }

  /** Answers every request that comes, until it is true. */
  async answerUntil(
    what: string,
    isTrue: () => boolean,
    answer: (exchange: Exchange) => void,
  ): Promise<void> {
    await this.expectSoon(what, () => {
      const exchange = this.server.take();
      if (exchange !== undefined) answer(exchange);
      return isTrue();
    });
  }

  /** Resolves when an event with this data has come. */
  async expectData(data: string): Promise<void> {
    await this.expectSoon(`"${data}" comes`, () => this.events.some((each) => each.data === data));
  }

  /** Closes the client, as an application does. */
  async close(): Promise<void> {
    await this.#client?.close();
    this.#client = undefined;
  }

  async dispose(): Promise<void> {
    await this.close();
    await this.server.close();
  }
}
