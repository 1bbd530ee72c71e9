// What a gateway is told of one existing endpoint: which requests are for the same stream, what its
// payloads mean, and how its backend behaves. Configuration files and presets are made of these.

/** The way to a value in a JSON payload: names of members, joined by dots, such as `data.id`. */
export type JsonPath = string;

export type JsonScalar = string | number | boolean | null;

/**
 * What a value has to be: equal to a scalar, to one of several, or simply there or not there. A member
 * that is `null` is there.
 */
export type ValueRule = JsonScalar | readonly JsonScalar[] | { readonly present: boolean };

/**
 * Tells some payloads from others: every path has to fit its rule. `{}` fits every payload that is a
 * JSON object; a payload that is none fits nothing.
 */
export type PayloadMatch = Readonly<Record<JsonPath, ValueRule>>;

/** One kind of item that a backend may send more than once. */
export interface ItemKind {
  /** Names the kind; its keys are compared with those of the same kind alone. `[a-z0-9-]{1,32}`. */
  readonly name: string;
  readonly match: PayloadMatch;
  /** Where the item's identity stands, a text or a number. With `each`, inside each element. */
  readonly key: JsonPath;
  /**
   * The path of an array, where one event carries several items. Elements that came before are taken
   * out; an event of which nothing is left is dropped, and one that is all new is left as it came.
   */
  readonly each?: JsonPath | undefined;
  /** With `each`: a number in the payload that tells how many there are, and is kept true. */
  readonly count?: JsonPath | undefined;
  /**
   * Where the moment stands at which it came to be: the base of `resume: { by: "since" }`. With `each`,
   * inside each element.
   */
  readonly time?: JsonPath | undefined;
  /**
   * The most items of this kind that the backend sends at a time, one right after the other, newest
   * first. A batch of so many, none of them known, may have been cut: a gap is told before it. With
   * `each` it is elements that count. `undefined`: it sends all that there are.
   */
  readonly atMost?: number | undefined;
}

/** An event with which the backend ends a response, or means to. */
export interface EndRule {
  readonly match: PayloadMatch;
  /**
   * `reopen`: the backend ends by design; the event is not passed on, and the next response continues
   * the stream. `end`: the stream is complete; the event is passed on, and readers are told and ended.
   * `rest`: the work is done; the event is passed on, the backend is left, and readers stay, as they
   * do where a backend goes on with nothing but heartbeats.
   */
  readonly means: "reopen" | "end" | "rest";
}

/** A first event with which a backend refuses, although its status was 200. */
export interface RefusalRule {
  readonly match: PayloadMatch;
  /** What the reader is answered: 401 for missing credentials, 400 for bad input, and so on. */
  readonly status: 400 | 401 | 403 | 404 | 410 | 429 | 503;
}

/** How a backend can be asked for what was missed while there was no connection to it. */
export type ResumeRule =
  /**
   * A query parameter takes the moment of the newest item that came, less an overlap, in the form in
   * which the backend wrote it; what comes again is recognised by its key.
   */
  | {
      readonly by: "since";
      readonly parameter: string;
      readonly overlapMs: number;
      /** Where a greeting tells the backend's time: what is asked after before any item has come. */
      readonly greetingTime?: JsonPath | undefined;
    }
  /** The backend gives its events ids, and continues after `Last-Event-ID`. */
  | { readonly by: "last-event-id" }
  /** The backend repeats its newest items by itself: a repeated one proves that none is missing. */
  | { readonly by: "repetition" }
  /** There is no way: after every interruption something may be missing, and a gap says so. */
  | { readonly by: "none" };

/** Where a reader begins that shows no cursor. */
export type FreshStart =
  /** With what comes from now on. */
  | { readonly at: "latest" }
  /** With everything that is stored. */
  | { readonly at: "earliest" }
  /** With so many of the newest events that are stored. */
  | { readonly newest: number };

/** One endpoint that streams. */
export interface GatewayRoute {
  /** Names it in streams, metrics and log lines: `[a-z0-9-]{1,32}`, different from all others. */
  readonly name: string;
  /** Its path at the backend, which readers use too. A segment `:name` stands for any one segment. */
  readonly path: string;
  /**
   * The query parameters that make a difference, and what the backend takes each to be where it is
   * missing (`null`: nothing). Others are neither told to the backend nor compared. `undefined`: all
   * of them make a difference.
   */
  readonly query?: Readonly<Record<string, string | null>> | undefined;
  /**
   * `own`: a stream belongs to one identity. `shared`: whoever may read at all reads the same stream,
   * which one of their credentials is used for.
   */
  readonly identity: "own" | "shared";
  /** Whether rights are checked with the backend (`GatewayOptions.check`). */
  readonly isChecked: boolean;
  readonly fresh: FreshStart;
  /**
   * The SSE event name of a second heartbeat beside each of the gateway's: one that existing clients
   * listen for.
   */
  readonly heartbeatType: string;
  /**
   * What a backend says first on every connection. It is no history: a reader without a cursor is
   * greeted with the newest one.
   */
  readonly greetings: readonly PayloadMatch[];
  /** What is passed on to whoever reads at that moment, and is no history either: heartbeats, moods. */
  readonly passing: readonly PayloadMatch[];
  /** What is history, and may come more than once. What fits nothing is history, and comes once. */
  readonly kinds: readonly ItemKind[];
  readonly ends: readonly EndRule[];
  readonly refusals: readonly RefusalRule[];
  /**
   * `lasting`: the stream goes on for ever. `run`: each stream is one piece of work that the backend
   * begins when it is asked, such as an analysis: who comes while it runs joins it, and who comes
   * after its end begins another one.
   */
  readonly life: "lasting" | "run";
  readonly upstream: UpstreamRules;
}

/** How the backend behaves, and what it can bear. Times in milliseconds. */
export interface UpstreamRules {
  readonly resume: ResumeRule;
  /** A silence of the backend as long as this is a lost connection. `Infinity`: it may be silent. */
  readonly silenceMs: number;
  /** How long the backend may take to answer a request before it is made again. */
  readonly answerMs: number;
  /** The connection outlives its last reader by this much, for those who only dropped. */
  readonly lingerMs: number;
  /**
   * How long the backend may take to notice that a connection was closed, which it does when it writes
   * next: until then its thread counts as taken.
   */
  readonly releaseMs: number;
  /** The longest wait that the backend's `retry:` may ask for. */
  readonly maxRetryMs: number;
}
