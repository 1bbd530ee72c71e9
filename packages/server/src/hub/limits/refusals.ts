// The answers of a hub that is asked for more than it gives. Written once, when the hub is made: a hub that
// is full has nothing to spare for those whom it turns away.

import type { PlainAnswer } from "../exchange.js";
import { type Problem, problemAnswer } from "../problem.js";
import type { LimitSettings } from "./limit-options.js";
import type { FullOf, PlaceLimits } from "./places.js";

/** Turned away for lack of room: come back after 2 to 8 s, so that a crowd does not come as one. */
const FULL_LEAST_S = 2;
const FULL_SPREAD_S = 7;

/** No room for a body: come back after 1 to 3 s. Bodies come and go faster than connections. */
const BODY_SPREAD_S = 3;

/** Refuses requests that go beyond a limit. */
export class Refusals {
  readonly headersTooLarge: PlainAnswer;
  readonly #random: () => number;
  readonly #full: Readonly<Record<FullOf, PlainAnswer>>;
  readonly #tooOften = problemAnswer(TOO_OFTEN);
  readonly #tooOftenUnread = problemAnswer({ ...TOO_OFTEN, headers: CLOSE });
  readonly #noRoomForBody = problemAnswer(TOO_MANY_BODIES);
  readonly #bodyTooSlow: PlainAnswer;

  constructor(limits: PlaceLimits & LimitSettings, random: () => number) {
    const { maxConnections, maxConnectionsPerAddress, maxConnectionsPerIdentity } = limits;
    this.#random = random;
    this.headersTooLarge = problemAnswer({
      status: 431,
      code: "headers-too-large",
      detail: "The headers of the request are too many or too long.",
      expected: `at most ${limits.maxHeaders} headers of ${limits.maxHeaderBytes} bytes in all`,
      headers: CLOSE,
    });
    this.#bodyTooSlow = problemAnswer({
      status: 408,
      code: "body-too-slow",
      detail: "The body did not come in time. Nothing was stored; publish it again.",
      expected: `all of it within ${limits.bodyTimeoutMs} ms`,
      headers: CLOSE,
    });
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

  /** The body did not come in time. */
  bodyTooSlow(): PlainAnswer {
    return this.#bodyTooSlow;
  }

  /** As much of bodies is in memory as may be. */
  noRoomForBody(): PlainAnswer {
    return withRetryAfter(this.#noRoomForBody, 1 + Math.floor(this.#random() * BODY_SPREAD_S));
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

const TOO_MANY_BODIES: Problem = {
  status: 503,
  code: "too-many-bodies",
  detail: "This hub is reading as much as it may. Nothing was stored; publish it again later.",
  headers: CLOSE,
};

function withRetryAfter(answer: PlainAnswer, seconds: number): PlainAnswer {
  return { ...answer, headers: { ...answer.headers, "retry-after": String(seconds) } };
}
