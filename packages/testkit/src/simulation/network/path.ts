// The way between one client machine and whatever serves, and the `fetch` of that client.

import type { Chance } from "../chance.js";
import type { Machine } from "../time/machine.js";
import type { VirtualClock } from "../time/virtual-clock.js";
import type { ClientWitness, Head, Read } from "./client-end.js";
import { type Conditions, fairConditions } from "./conditions.js";
import { type Answering, Exchange } from "./exchange.js";
import type { Cut } from "./relay.js";

/** What a request is for: each kind is judged by other rules. */
export type RequestKind = "stream" | "poll" | "lease" | "publish";

/** Who is told of the requests of a client. */
export interface PathWitness {
  onRequest(kind: RequestKind, target: string): ClientWitness;
}

/** The part of `RequestInit` that is used. */
export interface SimulatedInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

/** What is given for a response. */
export interface SimulatedAnswer {
  readonly status: number;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  /** The body of a stream or a poll; a text, which `Response` takes as well, of everything else. */
  readonly body: ReadableStream<Uint8Array> | null;
  text(): Promise<string>;
}

/** TCP repeats what was lost after ever longer pauses: up to as long as it was lost, and this. */
const MOST_BACKOFF_MS = 8000;

/** The surroundings of a path. */
export interface PathSetup {
  readonly clock: VirtualClock;
  readonly client: Machine;
  readonly chance: Chance;
  readonly latencyMs: number;
  readonly jitterMs: number;
  /** The probability that a write is cut in two on the way. */
  readonly splits: number;
  readonly backend: () => Answering;
  readonly witness: PathWitness;
  /** Told when a break that was armed has come. */
  readonly onCut: (how: Cut["how"]) => void;
}

/** One path. */
export class Path {
  readonly conditions: Conditions;
  readonly #setup: PathSetup;
  readonly #exchanges = new Set<Exchange>();
  #cut: Cut | undefined;
  #frozenSinceMs = 0;

  constructor(setup: PathSetup) {
    this.#setup = setup;
    const { latencyMs, jitterMs, splits } = setup;
    this.conditions = { ...fairConditions(latencyMs), jitterMs, splits };
  }

  /** Whose path it is. */
  get client(): Machine {
    return this.#setup.client;
  }

  /** Connections that somebody still knows of. */
  get exchangeCount(): number {
    return this.#exchanges.size;
  }

  /** Sends a request, as `fetch` does. */
  async fetch(url: string, init: SimulatedInit): Promise<SimulatedAnswer> {
    init.signal.throwIfAborted();
    const { pathname, search } = new URL(url);
    const target = pathname + search;
    const kind = kindOf(init.method, target);
    const exchange = new Exchange({
      ...this.#setup,
      conditions: this.conditions,
      question: { method: init.method, target, headers: init.headers, body: init.body },
      witness: this.#setup.witness.onRequest(kind, target),
      random: this.#setup.chance.fraction,
      onRelease: (over) => this.#exchanges.delete(over),
    });
    this.#exchanges.add(exchange);
    if (this.#cut !== undefined && (kind === "stream" || kind === "poll")) exchange.arm(this.#cut);
    const leave = () => exchange.leave(init.signal.reason);
    init.signal.addEventListener("abort", leave, { once: true });
    exchange.begin();
    const head = await exchange.end.head;
    const readWhole = () => wholeText(exchange);
    const isStream = kind === "stream" || kind === "poll";
    const body = isStream ? streamOf(exchange) : ((await readWhole()) as unknown);
    return {
      status: head.status,
      url,
      headers: headersOf(head),
      body: body as ReadableStream<Uint8Array>,
      text: async () => (isStream ? readWhole() : String(body)),
    };
  }

  /** Changes conditions. What waited for them goes on, as late as TCP would have it. */
  change(changes: Partial<Conditions>): void {
    const { clock } = this.#setup;
    const wasFrozen = this.conditions.isUpFrozen || this.conditions.isDownFrozen;
    Object.assign(this.conditions, changes);
    const isFrozen = this.conditions.isUpFrozen || this.conditions.isDownFrozen;
    if (isFrozen && !wasFrozen) this.#frozenSinceMs = clock.nowMs;
    const lostMs = wasFrozen ? clock.nowMs - this.#frozenSinceMs : 0;
    const mostDelayMs = Math.min(lostMs, MOST_BACKOFF_MS);
    for (const exchange of [...this.#exchanges]) exchange.onPathChanged(mostDelayMs);
  }

  /** Breaks all connections at both ends. */
  reset(): void {
    for (const exchange of [...this.#exchanges]) exchange.reset();
  }

  /** Somebody on the way forgets all connections. */
  forget(): void {
    for (const exchange of [...this.#exchanges]) exchange.forget();
  }

  /**
   * Breaks the answers in hand, and those to requests until {@link disarm}, each behind so many bytes,
   * whenever they have come.
   */
  arm(cut: Cut): void {
    this.#cut = cut;
    for (const exchange of [...this.#exchanges]) {
      if (exchange.question.method === "GET") exchange.arm(cut);
    }
  }

  disarm(): void {
    this.#cut = undefined;
  }

  /** Ends all answers in the middle: in good order, or by a bare FIN. */
  breakOff(how: "end" | "reset"): void {
    for (const exchange of [...this.#exchanges]) exchange.breakOff(how);
  }
}

function kindOf(method: string, target: string): RequestKind {
  if (target.startsWith("/leases/")) return "lease";
  if (method !== "GET") return "publish";
  return target.includes("throughline-wait=") ? "poll" : "stream";
}

function headersOf({ headers }: Head): SimulatedAnswer["headers"] {
  return { get: (name) => headers[name.toLowerCase()] ?? null };
}

/** The part of a stream that readers of bodies use. */
function streamOf({ end }: Exchange): ReadableStream<Uint8Array> {
  const reader = { read: (): Promise<Read> => end.read() };
  return { getReader: () => reader } as unknown as ReadableStream<Uint8Array>;
}

async function wholeText({ end }: Exchange): Promise<string> {
  const parts: Uint8Array[] = [];
  for (let read = await end.read(); !read.done; read = await end.read()) {
    if (read.value !== undefined) parts.push(read.value);
  }
  return Buffer.concat(parts).toString();
}
