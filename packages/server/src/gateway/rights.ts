// Whether somebody may read, as the backend says it: asked seldom, for a short time, and never by more
// than a few requests at once, for each of them takes one of its threads.

import { type HubEnvironment, nodeEnvironment } from "../hub/environment.js";
import { invalidOption } from "../hub/option-checks.js";
import { type AskBackend, askOverHttp, type BackendAnswer } from "./ask-backend.js";
import { CheckQueue } from "./check-queue.js";
import { type HeaderReader, identityHeaders, identityKey } from "./identity.js";
import { LastAllowed } from "./last-allowed.js";
import { fits } from "./match.js";
import type { CheckRules, IdentityRules } from "./options.js";

/** What the backend says of somebody. */
export type Verdict =
  /** `byGrace`: it could not be asked, and had said so a short while ago. */
  | { readonly kind: "allowed"; readonly byGrace: boolean }
  /** 401: nobody that it knows. 403: somebody who may not. */
  | { readonly kind: "denied"; readonly status: 401 | 403 }
  /** It did not answer, not in time, or with something else. */
  | { readonly kind: "unavailable" };

export interface RightsOptions {
  /** Origin of the backend. */
  readonly upstream: URL;
  readonly rules: CheckRules;
  readonly identity: IdentityRules;
  /** Default: over HTTP. */
  readonly ask?: AskBackend | undefined;
  readonly environment?: Pick<HubEnvironment, "nowMs" | "after"> | undefined;
}

/** Asks the backend about readers. */
export interface Rights {
  /** Never rejects, and settles within `rules.withinMs`. */
  check(request: HeaderReader): Promise<Verdict>;
  /** Ends the checks under way: they are unavailable, as is whatever is asked later. */
  close(): void;
}

/**
 * A check may be shared by whoever asks for the same identity so soon after it began. A page opens its
 * streams together, and one question is enough for all of them. Rights that are withdrawn count a
 * second late at most, which is no more than two requests take that cross each other on the way.
 */
const SHARED_MS = 1000;

/** Most checks at a time: as many as the threads of the backend that this was written for. */
const MAX_CHECKS = 8;

/** Most checks that wait. More are unavailable at once; nobody could answer them in time. */
const MAX_WAITING = 1000;

/** Of how many identities it is remembered that they were allowed. Some 100 bytes each. */
const MAX_REMEMBERED = 10_000;

/**
 * Begins to ask a backend about readers.
 *
 * @throws StreamError `invalid-option`
 */
export function createRights(options: RightsOptions): Rights {
  return new BackendRights(options);
}

interface Check {
  readonly key: string;
  readonly begunMs: number;
  readonly verdict: Promise<Verdict>;
}

class BackendRights implements Rights {
  readonly #rules: CheckRules;
  readonly #identity: IdentityRules;
  readonly #url: URL;
  readonly #ask: AskBackend;
  readonly #environment: Pick<HubEnvironment, "nowMs" | "after">;
  readonly #queue = new CheckQueue({ maxRunning: MAX_CHECKS, maxWaiting: MAX_WAITING });
  readonly #lastAllowed: LastAllowed;
  /** The newest check of each identity, oldest first; no older than `SHARED_MS`. */
  readonly #recent = new Map<string, Check>();
  /** Ends those that are under way. */
  readonly #running = new Set<() => void>();
  #isClosed = false;

  constructor({ upstream, rules, identity, ask = askOverHttp, environment }: RightsOptions) {
    this.#rules = rules;
    this.#identity = identity;
    this.#url = new URL(rules.path, upstream);
    if (this.#url.origin !== upstream.origin) {
      throw invalidOption("check.path", "a path at the backend", rules.path);
    }
    this.#ask = ask;
    this.#environment = environment ?? nodeEnvironment;
    this.#lastAllowed = new LastAllowed({ graceMs: rules.graceMs, maxRemembered: MAX_REMEMBERED });
  }

  check(request: HeaderReader): Promise<Verdict> {
    const key = identityKey(request, this.#identity);
    const nowMs = this.#environment.nowMs();
    this.#forgetOld(nowMs);
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent.verdict;
    const headers = identityHeaders(request, this.#identity);
    const check: Check = { key, begunMs: nowMs, verdict: this.#begin(key, nowMs, headers) };
    this.#recent.set(key, check);
    // A crowd of strangers costs shared checks, not memory.
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > MAX_REMEMBERED && oldest !== undefined) this.#recent.delete(oldest);
    return check.verdict;
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#running) end();
  }

  /** Checks are in the order in which they began, so that those to forget come first. */
  #forgetOld(nowMs: number): void {
    for (const { key, begunMs } of this.#recent.values()) {
      if (nowMs - begunMs <= SHARED_MS) return;
      this.#recent.delete(key);
    }
  }

  async #begin(
    key: string,
    begunMs: number,
    headers: Readonly<Record<string, string>>,
  ): Promise<Verdict> {
    const said = judge(await this.#answer(headers), this.#rules);
    if (said.kind === "allowed") this.#lastAllowed.note(key, begunMs);
    else if (said.kind === "denied") this.#lastAllowed.forget(key, begunMs);
    else if (this.#lastAllowed.holds(key, this.#environment.nowMs())) return BY_GRACE;
    return said;
  }

  /** `undefined`: there is none, or it did not come in time. */
  async #answer(headers: Readonly<Record<string, string>>): Promise<BackendAnswer | undefined> {
    if (this.#isClosed) return undefined;
    const [late, tooLateToBegin] = [new AbortController(), new AbortController()];
    const end = () => {
      tooLateToBegin.abort();
      late.abort();
    };
    this.#running.add(end);
    const { signal } = late;
    const { withinMs } = this.#rules;
    const timers = [
      this.#environment.after(withinMs, end),
      // Where those before it hang, it would hang too, and take one more thread with it.
      this.#environment.after(withinMs / 2, () => tooLateToBegin.abort()),
    ];
    try {
      const ask = () => this.#ask({ url: this.#url, headers, signal });
      return await this.#queue.run(ask, { signal, turnSignal: tooLateToBegin.signal });
    } catch {
      // Whatever failed, nothing was said of this reader; the caller counts how often that happens.
      return undefined;
    } finally {
      for (const stop of timers) stop();
      this.#running.delete(end);
    }
  }
}

const BY_GRACE: Verdict = { kind: "allowed", byGrace: true };
const ALLOWED: Verdict = { kind: "allowed", byGrace: false };
const UNKNOWN: Verdict = { kind: "denied", status: 401 };
const FORBIDDEN: Verdict = { kind: "denied", status: 403 };
const UNAVAILABLE: Verdict = { kind: "unavailable" };

/** Where backends send those who have to log in first (RFC 9110 §15.4). */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function judge(answer: BackendAnswer | undefined, { expect }: CheckRules): Verdict {
  if (answer === undefined) return UNAVAILABLE;
  const { status, body } = answer;
  if (status === 401 || REDIRECTS.has(status)) return UNKNOWN;
  if (status === 403) return FORBIDDEN;
  if (status < 200 || status > 299) return UNAVAILABLE;
  if (expect === undefined) return ALLOWED;
  const told = body === undefined ? undefined : parse(body);
  // Not what was agreed upon: a page of a proxy, perhaps, and nothing about this reader.
  if (told === undefined) return UNAVAILABLE;
  return fits(told, expect) ? ALLOWED : UNKNOWN;
}

/** `undefined` where it is no JSON. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
