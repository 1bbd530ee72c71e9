// The right by which one request is served, for as long as it is. Exists only in hubs with a hook,
// so that all others pay one empty field per connection.

import { coversAll, matchesPattern } from "throughline/core";
import type { NewEvent } from "../log/event.js";
import type { AccessRequest } from "./access.js";
import { type CheckedGrant, denialProblem } from "./access-answer.js";
import type { Problem } from "./problem.js";

/** A session as a predicate of `revoke` sees it. */
export interface HubSession {
  readonly action: "subscribe" | "publish";
  readonly stream: string;
  readonly identity: string | undefined;
}

/** What is due for a session at the moment. */
export type SessionDue = "nothing" | "renew" | "end";

/** Who keeps sessions; see `Sessions`. */
export interface SessionHost {
  wallMs(): number;
  due(session: Session): SessionDue;
  close(session: Session): void;
}

/** What a session's end ends. */
export interface SessionOwner {
  finish(): void;
}

/** One request and what it may do. */
export class Session implements HubSession {
  readonly access: AccessRequest;
  /** What was granted; `undefined` until the hook has answered. */
  grant: CheckedGrant | undefined;
  /** The patterns that the subscription reads; `undefined`: everything. */
  wanted: readonly string[] | undefined;
  /** By the calendar; Infinity: it has been said, or there is nothing to say. */
  renewAtMs = Number.POSITIVE_INFINITY;
  /** By the clock: when the hook is asked again, and when it must have said yes. */
  checkAtMs = Number.POSITIVE_INFINITY;
  confirmByMs = Number.POSITIVE_INFINITY;
  isOver = false;
  readonly #host: SessionHost;
  #owner: SessionOwner | undefined;

  constructor(host: SessionHost, access: AccessRequest) {
    this.#host = host;
    this.access = access;
  }

  get action(): "subscribe" | "publish" {
    return this.access.action;
  }

  get stream(): string {
    return this.access.stream;
  }

  get identity(): string | undefined {
    return this.grant?.identity;
  }

  /** Names the connection that ends with the session. */
  attach(owner: SessionOwner): void {
    this.#owner = owner;
  }

  /** Nobody is served by it any more; whoever is, is ended in good order, and may come back. */
  end(): void {
    this.isOver = true;
    this.#owner?.finish();
  }

  /** What is due; asked about once in a round of the wheel. Says `renew` once. */
  due(): SessionDue {
    return this.#host.due(this);
  }

  /** Milliseconds until the grant ends. */
  get remainingMs(): number {
    return (this.grant?.expiresAtMs ?? 0) - this.#host.wallMs();
  }

  /** Why nobody may be served by it (any more), if so. Asked right before the service begins. */
  refusal(): Problem | undefined {
    return this.isOver || this.remainingMs <= 0 ? OVER : undefined;
  }

  /** Why these events may not be published by it, if so. */
  refusalOf(events: readonly NewEvent[]): Problem | undefined {
    const topics = this.grant?.topics;
    const isForeign = ({ topic }: NewEvent) =>
      topic === undefined || topics?.some((pattern) => matchesPattern(pattern, topic)) !== true;
    if (topics !== undefined && events.some(isForeign)) return FOREIGN_TOPICS;
    return this.refusal();
  }

  /**
   * Takes a grant to read, if the subscription has room in it. One that asked for nothing in
   * particular reads what was granted to it at first.
   */
  takeSubscription(grant: CheckedGrant): boolean {
    const wanted = this.grant === undefined ? (this.access.topics ?? grant.topics) : this.wanted;
    const { topics } = grant;
    if (topics !== undefined && (wanted === undefined || !coversAll(topics, wanted))) return false;
    if (wanted?.length === 0) return false;
    this.grant = grant;
    this.wanted = wanted;
    return true;
  }

  /** The request is served, or will not be. Afterwards nothing is known of it. */
  close(): void {
    this.isOver = true;
    this.#host.close(this);
  }
}

/** The answer to a subscription that asks for topics beyond its grant, or has a grant for none. */
export const FOREIGN_TOPICS: Problem = denialProblem({
  status: 403,
  detail: "Not all of these topics are allowed to whoever asks.",
});

const OVER: Problem = denialProblem({
  status: 401,
  detail: "What allowed this has ended meanwhile. Come back with valid credentials.",
});
