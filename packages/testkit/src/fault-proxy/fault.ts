// The faults that the proxy can inject, each described by what the client sees on the wire.
//
// Three sorts, and the sort decides whom a fault touches:
// - an ending happens once, to every connection that exists, and leaves `pass` behind it; it is the
//   only thing that still reaches a connection which an earlier fault left dead;
// - a beginning is met by every connection accepted and every request begun while it is set (also on
//   a connection that was kept alive); what began earlier goes on undisturbed;
// - a passage changes the bytes of every connection for as long as it is set.

/** Nothing is wrong: bytes, ends and resets go through as they come. */
export interface PassFault {
  readonly kind: "pass";
}

/**
 * Ending. The response in progress ends as if the server had wanted it: the client sees the last
 * chunk of a chunked body, then FIN.
 *
 * A chunk that has been forwarded in part is completed first, for at most a second. A body that is
 * delimited by the close ends cleanly by the FIN alone; one with a `Content-Length` cannot end early,
 * so the client sees it cut off.
 */
export interface EndCleanlyFault {
  readonly kind: "end-cleanly";
}

/** Ending. FIN in the middle of the body: the client sees a chunked response without its last chunk. */
export interface FinFault {
  readonly kind: "fin";
}

/** Ending. RST on both sides: the client sees `ECONNRESET`. */
export interface ResetFault {
  readonly kind: "reset";
}

/**
 * Beginning. Nobody listens on the port: the client sees `ECONNREFUSED`. The port stays the same when
 * the proxy listens again. A request on a connection that was kept alive is met with RST.
 */
export interface RefuseFault {
  readonly kind: "refuse";
}

/** Beginning. The connection is accepted and at once answered with RST. */
export interface ResetNewFault {
  readonly kind: "reset-new";
}

/**
 * Beginning. The connection is accepted and stays open, the request is read, and not one byte comes
 * back, for ever: such a connection stays dead also after the fault is lifted.
 */
export interface AcceptStallFault {
  readonly kind: "accept-stall";
}

/**
 * Beginning. The response head comes, the first byte of the body never does, also after the fault is
 * lifted. What the client sends still goes up, its end included. A response without a body is
 * complete and is not touched.
 */
export interface HeadersOnlyFault {
  readonly kind: "headers-only";
}

/** Which way bytes travel: `up` is from the client to the server, `down` is back. */
export type Direction = "up" | "down";

/**
 * Passage. Silence: no bytes, no FIN, no RST in the given direction, while every socket stays open.
 * The sender's bytes are taken until the buffers on the way are full. New connections are accepted
 * and meet the same silence; while `up` is blocked the server never sees them.
 */
export interface FreezeFault {
  readonly kind: "freeze";
  readonly direction: Direction | "both";
  /**
   * What becomes of the frozen connections when the fault is lifted. `false`, the default, leaves
   * them dead, as after a NAT table forgot them; `true` lets everything withheld go on its way, as
   * after a cable was plugged in again.
   */
  readonly thaw?: boolean | undefined;
}

/** Which requests a fault answers. Those that it does not answer go through as if nothing was wrong. */
export interface RequestSelection {
  /**
   * Only requests for this path, whatever their query; one that ends in `*` stands for all that begin so.
   * Default: all.
   */
  readonly path?: string | undefined;
  /** That many of them are let pass first. Default 0. */
  readonly skip?: number | undefined;
  /** After this many answers the fault gives way to `pass`. Default: it stays. */
  readonly times?: number | undefined;
}

/**
 * Beginning. The proxy answers requests itself, without a word to the upstream server, and closes the
 * connection after each answer.
 */
export interface HttpErrorFault extends RequestSelection {
  readonly kind: "http-error";
  /** Any final status, 200 to 599: redirects and successes of the wrong type are faults as well. */
  readonly status: number;
  /** Value of `Retry-After`: a number of seconds, or text that is sent as it is (an HTTP date). */
  readonly retryAfter?: number | string | undefined;
  /**
   * How a number of seconds is sent: as it is (the default), or as the HTTP date that lies that far ahead when
   * the answer is given. Dates are whole seconds, so that the wait may be up to one second shorter.
   */
  readonly retryAfterAs?: "seconds" | "date" | undefined;
  /** Further header fields; a `content-type` here replaces `text/plain`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The body. Default: the status code as text; never one with 204 and 304. */
  readonly body?: string | undefined;
}

/**
 * Beginning. A proper `200` with `text/event-stream`, then at once the clean end of an empty body. The
 * upstream server hears nothing of it.
 */
export interface OpenThenCloseFault extends RequestSelection {
  readonly kind: "open-then-close";
}

/**
 * Beginning. Noise in place of an answer: the same bytes on every run, among them every byte value;
 * then FIN. The upstream server hears nothing of it.
 */
export interface GarbageFault extends RequestSelection {
  readonly kind: "garbage";
  /**
   * `response`: not even the status line is HTTP; `body`: noise after a proper event stream head; `line`: after
   * such a head one line of an event, without an end.
   */
  readonly instead: "response" | "body" | "line";
  /** How many bytes of noise, or of the line. Default 4096. */
  readonly bytes?: number | undefined;
}

/**
 * Passage. A thin line: at most so many bytes per second. Where they do not fit, the proxy stops
 * reading, so that the sender meets the back-pressure of a slow reader.
 */
export interface SlowFault {
  readonly kind: "slow";
  /** For each connection by itself. */
  readonly bytesPerSecond: number;
  /** Default `down`. */
  readonly direction?: Direction | "both" | undefined;
}

/**
 * Passage. A long line: every byte and every end arrives this much later, in both directions, so that
 * a round trip takes twice as much longer. Accepting a connection takes no longer than before.
 */
export interface DelayFault {
  readonly kind: "delay";
  readonly ms: number;
}

/**
 * Passage. The stream of response bodies is cut at an exact byte, on each connection at the first
 * match that the connection meets after the fault was set.
 *
 * What is searched are the bytes of bodies, with the chunk framing taken out: neither a response
 * header nor the server's way of splitting its writes can make or break a match.
 */
export interface CutFault {
  readonly kind: "cut";
  /** The cut falls behind this pattern; text stands for its UTF-8 bytes. */
  readonly after: string | Uint8Array;
  /** That many body bytes behind the pattern still go through. Default 0. */
  readonly plusBytes?: number | undefined;
  /** That many matches on each connection are let pass first. Default 0. */
  readonly skip?: number | undefined;
  /** How the connection ends: bare FIN, or RST 50 ms later, so that what came before can be read. */
  readonly end: "fin" | "reset";
  /** After this many cut connections the fault gives way to `pass`. Default 1. */
  readonly times?: number | undefined;
}

/**
 * Passage. A proxy that collects before it passes on: the response head comes at once, the body comes
 * in portions of the given size. A body that has come to its end is passed on whatever its size.
 */
export interface BufferFault {
  readonly kind: "buffer";
  /** Size of a portion; `until-close` waits for the end of the body (or for 64 MiB). */
  readonly bytes: number | "until-close";
}

/**
 * Passage. The loss of one side is not told to the other.
 *
 * `client`: when a client goes away, the upstream connection is kept, and read to nowhere for ever.
 * `upstream`: when the server goes away, the client's connection stays open and silent for ever.
 */
export interface HalfOpenFault {
  readonly kind: "half-open";
  readonly lost: "client" | "upstream";
}

/**
 * Beginning. The head of every response comes that much later, the body right behind it: a server, or a proxy, that
 * takes its time to answer.
 */
export interface LateHeadFault {
  readonly kind: "late-head";
  readonly ms: number;
}

/**
 * Passage. A connection is ended when nothing has gone through it for that long, as proxies do with streams that are
 * quiet. Connections on which nothing was ever asked for are meant, too.
 */
export interface IdleTimeoutFault {
  readonly kind: "idle-timeout";
  readonly ms: number;
  /** How it ends: by a bare FIN, the default, or by RST. */
  readonly end?: "fin" | "reset" | undefined;
}

/**
 * Beginning. Responses come with another head. What says where a body ends (`Content-Length`,
 * `Transfer-Encoding`, `Connection`) cannot be changed.
 */
export interface RewriteHeadFault {
  readonly kind: "rewrite-head";
  /** Another final status, 200 to 599. Default: as it is. */
  readonly status?: number | undefined;
  /** Fields that are added, in place of those of the same name. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Names of fields that are left out. */
  readonly remove?: readonly string[] | undefined;
}

/**
 * Beginning. Chunked bodies are compressed with gzip on their way, whatever the client has said it accepts, and
 * flushed with every piece. Other bodies, and those that are encoded already, are left as they are.
 */
export interface GzipFault {
  readonly kind: "gzip";
}

/** Everything that can be wrong between a client and a server; one at a time. */
export type Fault =
  | PassFault
  | EndCleanlyFault
  | FinFault
  | ResetFault
  | RefuseFault
  | ResetNewFault
  | AcceptStallFault
  | HeadersOnlyFault
  | FreezeFault
  | HttpErrorFault
  | OpenThenCloseFault
  | GarbageFault
  | SlowFault
  | DelayFault
  | CutFault
  | BufferFault
  | HalfOpenFault
  | LateHeadFault
  | IdleTimeoutFault
  | RewriteHeadFault
  | GzipFault;

/** Faults that strike once and leave `pass` behind. */
export type EndingFault = EndCleanlyFault | FinFault | ResetFault;

/** Faults that can stay set: what {@link FaultProxy.fault} may show. */
export type LastingFault = Exclude<Fault, EndingFault>;

/** Faults under which the proxy itself gives the answer. */
export type AnsweringFault = HttpErrorFault | OpenThenCloseFault | GarbageFault;

/** The state of an innocent proxy. */
export const PASS: PassFault = { kind: "pass" };

/** How many connections or answers a fault is good for before it gives way to `pass`. */
export function allowedStrikes(fault: LastingFault): number {
  switch (fault.kind) {
    case "cut":
      return fault.times ?? 1;
    case "http-error":
    case "open-then-close":
    case "garbage":
      return fault.times ?? Number.POSITIVE_INFINITY;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** How many requests a fault lets pass before it answers the first. */
export function allowedSkips(fault: LastingFault): number {
  return isAnswering(fault) ? (fault.skip ?? 0) : 0;
}

/** Whether under this fault the proxy itself gives answers. */
function isAnswering(fault: LastingFault): fault is AnsweringFault {
  const { kind } = fault;
  return kind === "http-error" || kind === "open-then-close" || kind === "garbage";
}

/** Whether an answering fault is about requests for this target. */
export function isAbout({ path }: AnsweringFault, target: string): boolean {
  if (path === undefined) return true;
  const [asked = ""] = target.split("?");
  return path.endsWith("*") ? asked.startsWith(path.slice(0, -1)) : asked === path;
}

/** Whether a fault of this kind silences the given direction. */
export function isFrozen(fault: LastingFault, direction: Direction): boolean {
  return fault.kind === "freeze" && (fault.direction === "both" || fault.direction === direction);
}
