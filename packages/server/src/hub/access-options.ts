// The options about who may do what, their defaults with reasons.

import type { Authorize } from "./access.js";
import { integerOption, invalidOption } from "./option-checks.js";

/** How a hub finds out who may do what. Without `authorize` everybody may do everything. */
export interface AccessOptions {
  /** Asked about every subscription and publication over HTTP. Default: nobody is asked. */
  readonly authorize?: Authorize | undefined;
  /**
   * Milliseconds that the hook may take. Default 3000, at most a minute: clients give a request up
   * after 1.7 to 3.6 s, so a later answer is heard by nobody.
   */
  readonly authorizeTimeoutMs?: number | undefined;
  /**
   * Milliseconds before a grant ends at which `throughline.renew` is sent, at the latest; a third
   * of what is left where that is less. Default 30 000: time for a slow identity provider and some
   * retries. At most a day.
   */
  readonly renewBeforeMs?: number | undefined;
  /**
   * Milliseconds within which the hook is asked again about every live subscription, so that those
   * whose session has ended elsewhere are cut off. Default 30 000: some hundred questions a second
   * with a full hub. 0: never. At most a day.
   */
  readonly reauthorizeMs?: number | undefined;
  /**
   * Milliseconds for which a subscription is served on while the hook fails or is late to be asked
   * again. Default 60 000: a session store's restart costs nobody a connection. At most a day.
   */
  readonly authorizeGraceMs?: number | undefined;
}

/** The options with everything decided. */
export interface AccessSettings {
  readonly authorize: Authorize;
  readonly authorizeTimeoutMs: number;
  readonly renewBeforeMs: number;
  readonly reauthorizeMs: number;
  readonly authorizeGraceMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** @throws StreamError `invalid-option` */
export function resolveAccess(options: AccessOptions): AccessSettings | undefined {
  const { authorize } = options;
  const timeoutMs = options.authorizeTimeoutMs ?? 3000;
  const times = {
    authorizeTimeoutMs: integerOption("authorizeTimeoutMs", timeoutMs, 1, MINUTE_MS),
    renewBeforeMs: integerOption("renewBeforeMs", options.renewBeforeMs ?? 30_000, 0, DAY_MS),
    reauthorizeMs: resolveReauthorizeMs(options.reauthorizeMs ?? 30_000),
    authorizeGraceMs: integerOption(
      "authorizeGraceMs",
      options.authorizeGraceMs ?? MINUTE_MS,
      0,
      DAY_MS,
    ),
  };
  if (authorize === undefined) return undefined;
  if (typeof authorize === "function") return { authorize, ...times };
  throw invalidOption("authorize", "a function", typeof authorize);
}

/** Shorter intervals than a second ask more often than the wheel comes by. */
function resolveReauthorizeMs(ms: number): number {
  if (ms === 0 || (Number.isSafeInteger(ms) && ms >= 1000 && ms <= DAY_MS)) return ms;
  throw invalidOption(
    "reauthorizeMs",
    `0, or an integer of at least 1000 and at most ${DAY_MS}`,
    ms,
  );
}
