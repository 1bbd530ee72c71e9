// The sessions of a hub: asks the hook about new ones and, while they last, again; ends those that
// are revoked, denied, or over.

import type { AccessRequest } from "./access.js";
import { askHook, type CheckedGrant } from "./access-answer.js";
import type { AccessSettings } from "./access-options.js";
import type { HubEnvironment } from "./environment.js";
import type { Problem } from "./problem.js";
import { FOREIGN_TOPICS, type HubSession, Session, type SessionDue } from "./session.js";

/** What became of the wish to be served. */
type Opened =
  | { readonly kind: "open"; readonly session: Session }
  | { readonly kind: "refused"; readonly problem: Problem };

/** Tells the sessions that are meant from others. */
export type SessionMatch = (session: HubSession) => boolean;

/** Notes a failure of the hook about somebody who is being served. */
export type ReportFailure = (error: unknown, stream: string) => void;

/**
 * Questions about new requests at a time. A hook that takes 50 ms lets in 20,000 a second; one that
 * hangs must not collect all that come in its 3 s.
 */
const MOST_ENTERING = 1000;

/** Questions about live subscriptions at a time: as many as a session store answers at once. */
const MOST_CHECKS = 32;

/** A question that failed is asked again after this long, or the usual interval if that is less. */
const FAILED_CHECK_PAUSE_MS = 5000;

/** What fails for thousands at a time is reported once in this long. */
const REPORT_EVERY_MS = 10_000;

/** `renew` comes at most half as long again before the end as it has to: spread, like all that ends. */
const RENEW_SPREAD = 0.5;

/** All requests that are served by somebody's leave. */
export class Sessions {
  readonly #settings: AccessSettings;
  readonly #environment: HubEnvironment;
  readonly #report: ReportFailure;
  readonly #all = new Set<Session>();
  /**
   * Those about whom the hook is being asked for the first time, each with the revocations that came
   * meanwhile: the answer may be from before them.
   */
  readonly #early = new Map<Session, SessionMatch[]>();
  /** Those that the hook has to be asked about, in order, and those that it is being asked about. */
  readonly #waiting = new Set<Session>();
  readonly #checking = new Set<Session>();
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(settings: AccessSettings, environment: HubEnvironment, report: ReportFailure) {
    this.#settings = settings;
    this.#environment = environment;
    this.#report = report;
  }

  /** How many requests are being served. */
  get size(): number {
    return this.#all.size;
  }

  wallMs(): number {
    return this.#environment.wallMs();
  }

  /**
   * Asks whether a request may be served. Whoever gets a session closes it.
   *
   * @throws StreamError `authorization-failed`
   */
  async open(access: AccessRequest): Promise<Opened> {
    if (this.#early.size >= MOST_ENTERING) return { kind: "refused", problem: CROWDED };
    const session = new Session(this, access);
    const early: SessionMatch[] = [];
    this.#all.add(session);
    this.#early.set(session, early);
    try {
      const verdict = await askHook(this.#settings, this.#environment, access);
      const problem =
        verdict.kind === "denied" ? verdict.problem : this.#admit(session, verdict.grant);
      if (problem === undefined && early.some((matches) => matches(session))) session.end();
      const refusal = problem ?? session.refusal();
      if (refusal === undefined) return { kind: "open", session };
      session.close();
      return { kind: "refused", problem: refusal };
    } catch (error) {
      session.close();
      throw error;
    } finally {
      this.#early.delete(session);
    }
  }

  /** Ends the sessions that match, and those to come whose hook was asked before. Counts the former. */
  revoke(matches: SessionMatch): number {
    let count = 0;
    for (const session of this.#all) {
      const early = this.#early.get(session);
      if (early !== undefined) {
        early.push(matches);
      } else if (!session.isOver && matches(session)) {
        count += 1;
        session.end();
      }
    }
    return count;
  }

  /** What is due for somebody who is being served; has the hook asked again where that is due. */
  due(session: Session): SessionDue {
    if (session.isOver || session.remainingMs <= 0) return "end";
    const nowMs = this.#environment.nowMs();
    if (nowMs >= session.confirmByMs) return "end";
    if (nowMs >= session.checkAtMs && !this.#checking.has(session)) {
      this.#waiting.add(session);
      this.#askAgain();
    }
    if (this.wallMs() < session.renewAtMs) return "nothing";
    session.renewAtMs = Number.POSITIVE_INFINITY;
    return "renew";
  }

  close(session: Session): void {
    this.#all.delete(session);
    this.#waiting.delete(session);
  }

  #admit(session: Session, grant: CheckedGrant): Problem | undefined {
    if (session.action === "publish") session.grant = grant;
    else if (!session.takeSubscription(grant)) return FOREIGN_TOPICS;
    this.#planRenewal(session);
    this.#planCheck(session);
    return undefined;
  }

  #askAgain(): void {
    for (const session of this.#waiting) {
      if (this.#checking.size >= MOST_CHECKS) return;
      this.#waiting.delete(session);
      this.#checking.add(session);
      void this.#check(session);
    }
  }

  async #check(session: Session): Promise<void> {
    try {
      const verdict = await askHook(this.#settings, this.#environment, session.access);
      if (session.isOver) return;
      if (verdict.kind === "denied" || !this.#confirm(session, verdict.grant)) session.end();
      else this.#planCheck(session);
    } catch (error) {
      const { reauthorizeMs } = this.#settings;
      session.checkAtMs = this.#soon(Math.min(reauthorizeMs, FAILED_CHECK_PAUSE_MS));
      this.#reportFailure(error, session);
    } finally {
      this.#checking.delete(session);
      this.#askAgain();
    }
  }

  /** Takes a new grant to somebody who is being served, if it is to the same and for as much. */
  #confirm(session: Session, grant: CheckedGrant): boolean {
    const before = session.grant;
    if (grant.identity !== before?.identity || !session.takeSubscription(grant)) return false;
    if (grant.expiresAtMs !== before?.expiresAtMs) this.#planRenewal(session);
    return true;
  }

  #planRenewal(session: Session): void {
    const { remainingMs } = session;
    const leastMs = Math.min(this.#settings.renewBeforeMs, remainingMs / 3);
    const beforeMs = leastMs * (1 + RENEW_SPREAD * this.#environment.random());
    session.renewAtMs = this.wallMs() + remainingMs - beforeMs;
  }

  #planCheck(session: Session): void {
    const { reauthorizeMs, authorizeGraceMs } = this.#settings;
    if (reauthorizeMs === 0) return;
    session.checkAtMs = this.#soon(reauthorizeMs);
    session.confirmByMs = session.checkAtMs + authorizeGraceMs;
  }

  /** A time of its own in the second half of an interval: those who came as one are not asked about so. */
  #soon(withinMs: number): number {
    return this.#environment.nowMs() + withinMs * (0.5 + this.#environment.random() / 2);
  }

  #reportFailure(error: unknown, { stream }: Session): void {
    const nowMs = this.#environment.nowMs();
    if (nowMs - this.#reportedMs < REPORT_EVERY_MS) return;
    this.#reportedMs = nowMs;
    this.#report(error, stream);
  }
}

const CROWDED: Problem = {
  status: 503,
  code: "authorization-failed",
  detail: "Too many are asking at the moment who may do this. Come back later.",
  headers: { "retry-after": "2" },
};
