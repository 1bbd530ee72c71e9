// The answers of a hub that is asked for more than it gives. Written once, when the hub is made: a hub that
// is full has nothing to spare for those whom it turns away.

import type { PlainAnswer } from "../exchange.js";
import { type Problem, problemAnswer } from "../problem.js";
import type { FullOf, PlaceLimits } from "./places.js";

/** Turned away for lack of room: come back after 2 to 8 s, so that a crowd does not come as one. */
const FULL_LEAST_S = 2;
const FULL_SPREAD_S = 7;

/** Refuses requests that go beyond a limit. */
export class Refusals {
  readonly #random: () => number;
  readonly #full: Readonly<Record<FullOf, PlainAnswer>>;
  readonly #tooOften = problemAnswer(TOO_OFTEN);
  readonly #tooOftenUnread = problemAnswer({ ...TOO_OFTEN, headers: CLOSE });

  constructor(limits: PlaceLimits, random: () => number) {
    const { maxConnections, maxConnectionsPerAddress, maxConnectionsPerIdentity } = limits;
    this.#random = random;
    this.#full = {
      connections: problemAnswer({
        status: 503,
        code: "too-many-connections",
        detail: "This hub serves as many connections as it may. Come back later.",
        expected: `at most ${maxConnections} connections`,
        // What is short is sockets.
        headers: CLOSE,
      }),
      address: problemAnswer({
        status: 429,
        code: "too-many-connections-of-address",
        detail: "This address has as many connections as it may. Close some, or come back later.",
        expected: `at most ${maxConnectionsPerAddress} connections`,
      }),
      identity: problemAnswer({
        status: 429,
        code: "too-many-connections-of-identity",
        detail: "You have as many connections as you may. Close some, or come back later.",
        expected: `at most ${maxConnectionsPerIdentity} connections`,
      }),
    };
  }

  /** There is no place. When there will be one, nobody knows: come back at a time of your own. */
  full(of: FullOf): PlainAnswer {
    const seconds = FULL_LEAST_S + Math.floor(this.#random() * FULL_SPREAD_S);
    return withRetryAfter(this.#full[of], seconds);
  }

  /**
   * That was too often.
   *
   * @param waitMs after which it will not be
   * @param options.isBodyUnread whether the request has a body that nobody has read: the connection
   * cannot be used again, and is closed
   */
  tooOften(waitMs: number, { isBodyUnread }: { readonly isBodyUnread: boolean }): PlainAnswer {
    const answer = isBodyUnread ? this.#tooOftenUnread : this.#tooOften;
    return withRetryAfter(answer, Math.max(1, Math.ceil(waitMs / 1000)));
  }
}

const CLOSE = { connection: "close" };

const TOO_OFTEN: Problem = {
  status: 429,
  code: "too-often",
  detail: "That is more often than you may ask. Come back after the time in Retry-After.",
};

function withRetryAfter(answer: PlainAnswer, seconds: number): PlainAnswer {
  return { ...answer, headers: { ...answer.headers, "retry-after": String(seconds) } };
}
