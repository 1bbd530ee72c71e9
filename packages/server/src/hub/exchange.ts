// Requests and answers as the hub sees them, whatever server or framework they come through.

import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { BodyWatch } from "./limits/bodies.js";
import type { HeaderExtent } from "./limits/header-limit.js";
import type { Visitor } from "./limits/places.js";
import type { RequestContext } from "./request-context.js";
import type { Sink } from "./sink.js";

/** A request as a server or a framework hands it to the hub. */
export type RawRequest = IncomingMessage | Http2ServerRequest | Request;

/** A request. */
export interface HubRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** Who asks, in the one spelling of `parseAddress`; `undefined` where it is not known. */
  readonly remoteAddress?: string | undefined;
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
  /** The request as it came, for whoever has to know more about it than the hub. */
  readonly raw: RawRequest;
  /** How much head there is; left out where somebody else has limited it. */
  readonly headerExtent?: (() => HeaderExtent) | undefined;
  /**
   * Reads the body as UTF-8 text. Called at most once. `aborted` as well where the watch has had
   * enough.
   */
  readBody(maxBytes: number, watch?: BodyWatch): Promise<BodyResult>;
  /**
   * Bytes of its body that are in memory, as `Bodies` counts them. Here and not in a map by request:
   * the tables that a map outgrows keep what comes and goes from being collected in time.
   */
  heldBytes?: number;
}

/** Whom a request counts for: an identity, once authorization has found one, or its address. */
export function visitorOf(
  { remoteAddress: address }: HubRequest,
  identity?: string | undefined,
): Visitor {
  return { address, identity };
}

/** A request that has been given a name. */
export interface NamedRequest extends HubRequest {
  readonly context: RequestContext;
}

/** What became of reading a body. */
export type BodyResult =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "too-large" }
  | { readonly kind: "not-utf8" }
  /** JSON that somebody has parsed before us, and that is no event because of its depth. */
  | { readonly kind: "too-deep" }
  /** The connection broke before all of it had come: there is nobody to answer. */
  | { readonly kind: "aborted" };

/** An answer that is complete. */
export interface PlainAnswer {
  readonly kind: "plain";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Why it is a refusal, if it is one: the code of the problem. */
  readonly refusal?: string | undefined;
}

/** An answer that goes on: status 200 and an event stream. Exactly one of the two is called. */
export interface StreamAnswer {
  readonly kind: "stream";
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it is expected to go on; else it is short, and its connection is used again. */
  readonly goesOn: boolean;
  /** Begins to write. */
  open(sink: Sink): void;
  /** The reader left before the answer could begin. */
  abandon(): void;
}

export type HubAnswer = PlainAnswer | StreamAnswer;

/** An answer with a JSON body. */
export function jsonAnswer(status: number, value: unknown): PlainAnswer {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { kind: "plain", status, headers, body: `${JSON.stringify(value)}\n` };
}
