// A hub without sockets, on virtual time: requests in, answers and recorded bytes out.

import type { NewEvent } from "@throughline/server/log";
import { createMemoryLog, type EventLog, parseStreamName } from "@throughline/server/log";
import { createCore, type HubCore } from "../../src/hub/core.js";
import type { HubAnswer, HubRequest, PlainAnswer, StreamAnswer } from "../../src/hub/exchange.js";
import { type HubOptions, resolveHubOptions } from "../../src/hub/options.js";
import { route } from "../../src/hub/router.js";
import type { ServedStream } from "../../src/hub/served.js";
import { RecordingSink } from "./recording-sink.js";
import { VirtualEnvironment } from "./virtual-environment.js";

export const NEWS = parseStreamName("news");

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Where the body comes as a test wants it to. */
  readonly readBody?: HubRequest["readBody"];
  readonly headerExtent?: HubRequest["headerExtent"];
  readonly remoteAddress?: string;
  /** Whom the hook of {@link IDENTIFIED} takes it for. */
  readonly identity?: string;
  /** Served at the address, whatever it says. */
  readonly served?: ServedStream;
}

/** A hub that finds out who asks: by a header that everybody may write. */
export const IDENTIFIED: Partial<HubOptions> = {
  authorize: ({ header }) => ({ identity: header("x-identity") }),
};

export class Stage {
  readonly environment = new VirtualEnvironment();
  readonly log: EventLog;
  readonly core: HubCore;
  readonly errors: unknown[] = [];
  /** How many bodies of requests were read. */
  bodiesRead = 0;

  constructor(options: Partial<HubOptions> = {}) {
    this.log = options.log ?? createMemoryLog({ createEpoch: epochs() });
    const onError = (error: unknown) => this.errors.push(error);
    this.core = createCore(
      this.environment,
      resolveHubOptions({ onError, ...options, log: this.log }),
    );
  }

  async request(target: string, options: RequestOptions = {}): Promise<HubAnswer> {
    const { method = "GET", body = "", identity, served, ...rest } = options;
    const shown = identity === undefined ? {} : { "x-identity": identity };
    const headers: Readonly<Record<string, string>> = { ...options.headers, ...shown };
    const request: HubRequest = {
      method,
      target,
      header: (name) => headers[name],
      raw: new Request("http://hub/", { headers }),
      readBody: async (maxBytes) => {
        this.bodiesRead += 1;
        return body.length > maxBytes ? { kind: "too-large" } : { kind: "text", text: body };
      },
      ...rest,
    };
    const answer = await route(this.core, request, served);
    if (answer === undefined) throw new Error("no answer");
    return answer;
  }

  async plain(target: string, options?: RequestOptions): Promise<PlainAnswer> {
    const answer = await this.request(target, options);
    if (answer.kind !== "plain") throw new Error("an event stream where none was expected");
    return answer;
  }

  async stream(target: string, options?: RequestOptions): Promise<StreamAnswer> {
    const answer = await this.request(target, options);
    if (answer.kind !== "stream") throw new Error(`refused: ${answer.status} ${answer.body}`);
    return answer;
  }

  /** A subscriber of `news`, after the dust has settled. */
  async subscribe(query = "", sink = new RecordingSink()): Promise<RecordingSink> {
    const answer = await this.stream(`/streams/news${query}`);
    answer.open(sink);
    await this.environment.settle();
    return sink;
  }

  /** Publishes to `news`, and lets it be delivered. */
  async publish(...data: readonly (string | NewEvent)[]): Promise<void> {
    await this.append(...data);
    await this.environment.settle();
  }

  /** Publishes to `news`; the hub has heard of it, and not yet delivered it. */
  async append(...data: readonly (string | NewEvent)[]): Promise<void> {
    const events = data.map((item) => (typeof item === "string" ? { data: item } : item));
    await this.log.append(NEWS, events);
  }
}

/** Epochs that can be read in a failing test: `e1`, `e2`, … */
export function epochs(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `e${count}`;
  };
}

/** Numbers as texts, from one to another, inclusive. */
export function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}
