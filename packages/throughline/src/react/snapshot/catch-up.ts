// Loads a snapshot when the stream cannot tell everything, and remembers what comes meanwhile.

import type { Snapshot, SnapshotRequest } from "./snapshot.js";
import { eventsAfter, isContained, isTooOld } from "./snapshot.js";

/** The state lacks events, and a snapshot is on its way. */
export interface Behind {
  readonly cause: SnapshotRequest["cause"];
  /** Attempts to load a snapshot that have failed in a row. */
  readonly failures: number;
  /** What the newest of them failed with. */
  readonly error: unknown;
}

/** Who is caught up. */
export interface CatchUpOwner<S> {
  /** Where the stream stands. */
  lastEventId(): string;
  load(request: SnapshotRequest): Promise<Snapshot<S>>;
  /** The state is `state`, with `events` applied to it, in order. */
  replace(state: S, events: readonly MessageEvent<string>[]): void;
  onChange(behind: Behind | undefined): void;
}

/** A gap may reach all readers at once; they ask for their snapshots within so many milliseconds. */
const SPREAD_MS = 300;
/** Snapshots are asked for at least so far apart, whatever the server says of gaps. */
const LEAST_DISTANCE_MS = 1000;
/** The longest wait after failures. */
const MAX_WAIT_MS = 30_000;
/** A snapshot that has not come by then has failed. */
const LOAD_WITHIN_MS = 30_000;
/** Events remembered while a snapshot is loaded; with more, it is given up for a newer one. */
const REMEMBERED_EVENTS = 10_000;

/** The first state is wanted as a snapshot, too, or an empty one will do. */
export const AT_START: Behind = { cause: "start", failures: 0, error: undefined };

/** What one attempt to load knows. */
interface Loading {
  readonly controller: AbortController;
  readonly askedAt: string;
  /** What has come since. */
  readonly events: MessageEvent<string>[];
}

/**
 * Catches up a state with its stream.
 *
 * The place in the stream is taken before the snapshot is asked for, and every event after that place
 * is applied to the snapshot, unless the snapshot says that it contains it: nothing between the two
 * is lost. A snapshot that is older than the place is refused. Each failure is followed by another
 * attempt, after a wait that grows to 30 s; a gap in between begins anew.
 */
export class CatchUp<S> {
  readonly #owner: CatchUpOwner<S>;
  #behind: Behind | undefined;
  #isOpen = false;
  #loading: Loading | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #askedMs = Number.NEGATIVE_INFINITY;
  /** The place of the newest snapshot, until an event after it has come. */
  #containedUntil: string | undefined;

  constructor(owner: CatchUpOwner<S>, behind: Behind | undefined) {
    this.#owner = owner;
    this.#behind = behind;
  }

  /** The stream is open. Before that nobody knows where it stands. */
  opened(): void {
    this.#isOpen = true;
    if (this.#behind !== undefined && this.#loading === undefined) this.#plan();
  }

  /** Events are missing. */
  missed(): void {
    this.#containedUntil = undefined;
    this.#tell({ cause: "gap", failures: 0, error: undefined });
    this.#plan();
  }

  /** Takes note of an event. @returns whether it is to be applied now */
  take(event: MessageEvent<string>): boolean {
    if (isContained(event, this.#containedUntil)) return false;
    this.#containedUntil = undefined;
    this.#loading?.events.push(event);
    if ((this.#loading?.events.length ?? 0) > REMEMBERED_EVENTS) {
      this.#fail(new Error(`More than ${REMEMBERED_EVENTS} events came while it was loaded.`));
    }
    return true;
  }

  /** Ends what is under way. Whoever goes on later hands in `behind` again. */
  stop(): Behind | undefined {
    this.#isOpen = false;
    this.#drop();
    return this.#behind;
  }

  #tell(behind: Behind | undefined): void {
    this.#behind = behind;
    this.#owner.onChange(behind);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#loading?.controller.abort();
    this.#loading = undefined;
  }

  #plan(): void {
    this.#drop();
    if (!this.#isOpen) return;
    const failures = this.#behind?.failures ?? 0;
    const longestMs = Math.min(MAX_WAIT_MS, LEAST_DISTANCE_MS * 2 ** failures);
    const waitMs = failures === 0 ? 0 : longestMs / 2;
    const spreadMs = failures === 0 ? SPREAD_MS : longestMs / 2;
    const earliestMs = this.#askedMs + LEAST_DISTANCE_MS - performance.now();
    this.#timer = setTimeout(
      () => void this.#load(),
      Math.max(earliestMs, waitMs + Math.random() * spreadMs),
    );
  }

  async #load(): Promise<void> {
    const controller = new AbortController();
    const askedAt = this.#owner.lastEventId();
    const loading: Loading = { controller, askedAt, events: [] };
    this.#loading = loading;
    this.#askedMs = performance.now();
    this.#timer = setTimeout(
      () => this.#fail(new Error(`No snapshot within ${LOAD_WITHIN_MS} ms.`)),
      LOAD_WITHIN_MS,
    );
    const { cause } = this.#behind ?? AT_START;
    try {
      const { signal } = controller;
      const snapshot = await this.#owner.load({ cause, lastEventId: askedAt, signal });
      if (this.#loading === loading) this.#finish(snapshot, loading);
    } catch (error) {
      // What was dropped fails by that, and nobody waits for it.
      if (this.#loading === loading) this.#fail(error);
    }
  }

  #finish({ state, lastEventId }: Snapshot<S>, { askedAt, events }: Loading): void {
    if (isTooOld(lastEventId, askedAt)) {
      const message = `Expected a snapshot at or after ${askedAt}, got one at ${lastEventId}.`;
      this.#fail(new Error(message));
      return;
    }
    this.#drop();
    this.#containedUntil = lastEventId;
    this.#owner.replace(state, eventsAfter(events, lastEventId));
    this.#tell(undefined);
  }

  #fail(error: unknown): void {
    const { cause, failures } = this.#behind ?? AT_START;
    this.#tell({ cause, failures: failures + 1, error });
    this.#plan();
  }
}
