// What a case of the suite works with, and how a server is plugged in.

import type { ParsedEvent } from "throughline/core";
import { equal, failure } from "../case-checks.js";
import { type ReadRequest, StreamReader } from "./stream-reader.js";

/** A server with a stream that nobody has used before. */
export interface ServerUnderTest {
  /** Where the stream is read. A query is allowed. */
  readonly url: string;
  /** Publishes one event of the type `message`; resolves with the data that readers are to be given for it. */
  publish(): Promise<string>;
  /** Publishes an event with this very data. Without it, cases about what data may be are left out. */
  publishData?(data: string): Promise<void>;
  /** Declares the stream complete. Without it, cases about the end are left out. */
  complete?(): Promise<void>;
  /**
   * Removes all that was published up to now, also from what the server has in memory, so that it cannot be
   * delivered any more. Without it, cases about gaps are left out.
   */
  trim?(): Promise<void>;
  /** Called once, at the end of the case. */
  dispose(): Promise<void>;
}

/**
 * How much is asked of a server. `standard`: what a client of the HTML standard needs in order to lose nothing.
 * `throughline`: the protocol of PROTOCOL.md as well.
 */
export type ServerLevel = "standard" | "throughline";

/** What a server under test can do beside publishing. */
export type ServerAbility = "publishData" | "complete" | "trim";

/** How to run the suite. */
export interface ServerConformanceOptions {
  /** Starts a server, or names a new stream of one that runs. */
  createServer(): Promise<ServerUnderTest>;
  /** Default `standard`. */
  readonly level?: ServerLevel | undefined;
  /** Which of the optional members every server here has. Default: none; cases that need them are left out. */
  readonly abilities?: readonly ServerAbility[] | undefined;
  /** Within what time something has to come on an idle stream. Default 16,000 ms: proxies cut at 30 or 60 s. */
  readonly heartbeatWithinMs?: number | undefined;
  /** How long to wait for what has to come at once. Default 5,000 ms; only a failing case waits so long. */
  readonly waitMs?: number | undefined;
}

/** One sentence about a server, before it has one to run on. */
export interface ServerCase {
  readonly name: string;
  readonly level: ServerLevel;
  /** Where it is written. */
  readonly reference: string;
  readonly needs?: readonly ServerAbility[] | undefined;
  run(fixture: ServerFixture): Promise<void>;
}

/** A server for one case, and the readers that it has opened. */
export class ServerFixture {
  readonly server: ServerUnderTest;
  readonly heartbeatWithinMs: number;
  readonly waitMs: number;
  readonly #published = new Set<string>();
  readonly #readers: StreamReader[] = [];

  constructor(server: ServerUnderTest, options: ServerConformanceOptions) {
    this.server = server;
    this.heartbeatWithinMs = options.heartbeatWithinMs ?? 16_000;
    this.waitMs = options.waitMs ?? 5000;
  }

  /** Opens the stream. */
  async open(request?: ReadRequest, url = this.server.url): Promise<StreamReader> {
    const reader = await StreamReader.open(url, request);
    this.#readers.push(reader);
    return reader;
  }

  /** The address of the stream with these query parameters. */
  urlWith(parameters: Readonly<Record<string, string>>): string {
    const url = new URL(this.server.url);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  }

  /** Publishes so many events, and returns their data. */
  async publish(count: number): Promise<readonly string[]> {
    const data: string[] = [];
    for (let n = 0; n < count; n += 1) data.push(await this.server.publish());
    for (const each of data) this.#published.add(each);
    return data;
  }

  /** What a reader was given of what the case has published. */
  received(reader: StreamReader): readonly ParsedEvent[] {
    return reader.events.filter(
      ({ type, data }) => type === "message" && this.#published.has(data),
    );
  }

  /** Resolves when a reader has been given exactly these, in order, and for a moment nothing else. */
  async expectReceived(reader: StreamReader, expected: readonly string[]): Promise<void> {
    const came = () => this.received(reader).map(({ data }) => data);
    await reader.becomes(() => came().length >= expected.length, this.waitMs);
    // Whatever comes twice, or is not wanted, comes close behind.
    await reader.becomes(() => came().length > expected.length, SETTLE_MS);
    equal(came(), expected, "the events that were received");
  }

  /** Resolves when it is true. */
  async expectSoon(reader: StreamReader, what: string, isTrue: () => boolean): Promise<void> {
    if (await reader.becomes(isTrue, this.waitMs)) return;
    const shown = reader.text.slice(-500);
    throw failure(
      `${what}: waited ${this.waitMs} ms for that in vain. The stream so far: ${shown}`,
    );
  }

  async dispose(): Promise<void> {
    for (const reader of this.#readers) reader.close();
    await this.server.dispose();
  }
}

/** How long nothing must come for it to be said that nothing comes. */
const SETTLE_MS = 100;
