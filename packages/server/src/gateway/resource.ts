// One stream of a gateway as its readers see it: who they are, whether they may come in, and what they are
// told of the backend. The backend is asked while somebody reads, and for a while after.

import type { ConnectionSnapshot } from "throughline";
import type { Source } from "throughline/core";
import type { Hub, Remark } from "../hub/index.js";
import type { StreamName } from "../log/index.js";
import { Filler, type FillerOptions } from "./filler.js";
import type { GatewayRoute } from "./route.js";
import { sourceRemark } from "./source-remark.js";
import { ToldSource } from "./told-source.js";
import type { UpstreamAnswer } from "./upstream-fetch.js";

/** Headers that show who somebody is. */
export type Credentials = Readonly<Record<string, string>>;

/** What a stream needs of the gateway that it belongs to. */
export interface ResourceHost {
  readonly hub: Hub;
  onError(error: unknown, stream: StreamName): void;
  /** Ends whoever reads it, all or one identity, so that they ask again and are answered properly. */
  endReaders(resource: Resource, identity?: string): void;
  /** Nobody needs it any more; it is closed. */
  onClosed(resource: Resource): void;
}

/** What whoever wants to read is answered. */
export type Readiness =
  | { readonly kind: "open" }
  /** The backend refuses. */
  | { readonly kind: "refused"; readonly answer: UpstreamAnswer };

/** Statuses of what stands before a backend that is away: its readers wait. */
const AWAY = [502, 504];

/** Most credentials that are kept of a stream that several identities share. */
const MOST_CREDENTIALS = 100;

/** A stream, from its first reader until nobody needs it. */
export class Resource {
  readonly stream: StreamName;
  readonly route: GatewayRoute;
  /** The epoch of the stream in the log; `undefined` before it is known. */
  epoch: string | undefined;
  /** When the work that a `run` stands for was done; `undefined` while it lasts. */
  finishedMs: number | undefined;
  isClosed = false;
  readonly #host: ResourceHost;
  readonly #filler: Filler;
  /** By identity; the one that came last is last, and is the one that is shown. */
  readonly #credentials = new Map<string, Credentials>();
  #readers = 0;
  #lingerTimer: NodeJS.Timeout | undefined;
  #greeting: Remark | undefined;
  readonly #source: ToldSource;
  #refusal: UpstreamAnswer | undefined;
  /** Whether the refusal is final. */
  #isDismissed = false;
  #hasHistory = false;
  /** Whether the backend has shown whether it lets anybody read, or that it is away. */
  #isKnown = false;
  #whenKnown: (() => void)[] = [];

  constructor(host: ResourceHost, options: FillerOptions) {
    this.stream = options.stream;
    this.route = options.route;
    this.#host = host;
    this.#source = new ToldSource({ state: "stale", reason: "opening" }, (source) =>
      host.hub.say(this.stream, [sourceRemark(source)]),
    );
    this.#filler = new Filler(options, {
      credentials: () => [...this.#credentials.values()].at(-1) ?? {},
      hasOtherCredentials: () => this.#credentials.size > 1,
      onRecalled: (epoch, hasHistory) => {
        this.epoch = epoch;
        this.#hasHistory ||= hasHistory;
      },
      onState: (snapshot) => this.#onState(snapshot),
      onRefused: (answer) => this.#onRefused(answer),
      onStored: () => {
        this.#hasHistory = true;
        this.#source.trust();
      },
      onSaid: (remark) => host.hub.say(this.stream, [remark]),
      onGreeted: (greeting) => this.#onGreeted(greeting),
      onFinished: () => {
        this.finishedMs = performance.now();
        this.#source.know({ state: "live", reason: "complete" });
        this.#source.trust();
      },
      onReopening: () => this.#source.know({ state: "live", reason: "complete" }),
      onDismissed: () => this.#onDismissed(),
      onUnfit: (error) => host.onError(error, this.stream),
      onFailed: (error) => {
        host.onError(error, this.stream);
        this.#source.know({ state: "stale", reason: "unavailable" });
        this.#know();
      },
    });
  }

  get readers(): number {
    return this.#readers;
  }

  /** What is known of the backend. */
  get source(): Source {
    return this.#source.known;
  }

  /** Somebody reads, or is about to, until the function that is returned is called. */
  hold(identity: string, credentials: Credentials): () => void {
    this.#readers += 1;
    clearTimeout(this.#lingerTimer);
    this.#filler.occupy();
    this.#credentials.delete(identity);
    this.#credentials.set(identity, credentials);
    const [oldest] = this.#credentials.keys();
    if (this.#credentials.size > MOST_CREDENTIALS && oldest) this.#credentials.delete(oldest);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#readers -= 1;
      if (this.#readers === 0) this.#linger();
    };
  }

  /**
   * Resolves when it is known whether the backend lets anybody read, which may be at once. Where the
   * backend does not say so within the time, its reader waits with the stream open.
   */
  async ready(withinMs: number): Promise<Readiness> {
    if (!this.#isKnown) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        this.#whenKnown.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    const answer = this.#refusal;
    if (answer === undefined) return { kind: "open" };
    // What is stored is of use to whoever may read, while the backend cannot answer.
    if (this.#hasHistory && !this.#isDismissed && !isDenial(answer)) return { kind: "open" };
    return { kind: "refused", answer };
  }

  /** What a reader is told first. */
  remarks(isFresh: boolean): readonly Remark[] {
    const greeting = isFresh && this.#greeting !== undefined ? [this.#greeting] : [];
    const { told } = this.#source;
    return told.state === "stale" ? [...greeting, sourceRemark(told)] : greeting;
  }

  /** Leaves the backend. What is stored stays. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.#lingerTimer);
    this.#source.close();
    this.#filler.close();
    this.#know();
    this.#host.onClosed(this);
  }

  // ---- what the backend says ---------------------------------------------------------------------

  #onState({ state, reason }: ConnectionSnapshot): void {
    if (state === "live") {
      this.#refusal = undefined;
      this.#source.know({ state: "live", reason });
      this.#know();
      return;
    }
    this.#source.know({ state: "stale", reason });
    // Nobody is there to ask: whoever wants to read waits with the stream open.
    if (state === "waiting") this.#know();
  }

  /** Whoever came before the backend did has not been greeted. */
  #onGreeted(greeting: Remark): void {
    if (this.#greeting === undefined) this.#host.hub.say(this.stream, [greeting]);
    this.#greeting = greeting;
  }

  #onRefused(answer: UpstreamAnswer): void {
    if (AWAY.includes(answer.status)) return;
    if (isDenial(answer)) {
      // Of several identities only the one that was shown is denied; the next is shown.
      const identity = [...this.#credentials.keys()].at(-1);
      if (identity !== undefined) this.#credentials.delete(identity);
      if (this.#credentials.size > 0) {
        this.#host.endReaders(this, identity);
        return;
      }
    }
    this.#refusal = answer;
    // Whether any other answer is final turns out at once: it is asked again, or has been left.
    if (!isDenial(answer)) return;
    this.#know();
    this.#host.endReaders(this);
  }

  /** Whoever waits with the stream open asks again, and is told why. */
  #onDismissed(): void {
    this.#isDismissed = true;
    this.#know();
    this.#host.endReaders(this);
    this.close();
  }

  #know(): void {
    this.#isKnown = true;
    for (const tell of this.#whenKnown.splice(0)) tell();
  }

  // ---- who reads ---------------------------------------------------------------------------------

  /** A backend that has refused is not asked again for nobody. */
  #linger(): void {
    const lingerMs = this.#refusal === undefined ? this.route.upstream.lingerMs : 0;
    this.#lingerTimer = setTimeout(() => this.#giveUp(), lingerMs);
    this.#filler.linger(() => this.#giveUp());
  }

  #giveUp(): void {
    if (this.#readers === 0) this.close();
  }
}

function isDenial({ status }: UpstreamAnswer): boolean {
  return status === 401 || status === 403;
}
