// The public keys of an issuer, who changes them now and then and is sometimes not there.

import {
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from "jose";
import { integerOption, invalidOption } from "../hub/option-checks.js";
import type { RemoteKeys } from "./jwt-options.js";

/** Less than a hub waits for its hook, so that the failure has a name. */
const FETCH_TIMEOUT_MS = 2500;

/** An issuer that failed is not asked again for so long, however many tokens come. */
const FAILURE_PAUSE_MS = 2000;

/**
 * Keys are used for so long where the issuer cannot be asked for newer ones: an afternoon's outage of
 * the issuer throws nobody out who has a token, and a key that was taken back is not good for ever.
 */
const KEEP_MS = 6 * 3_600_000;

const DAY_MS = 86_400_000;

/**
 * Finds keys by what a token's header says, and fetches them when they are needed, old, or not known.
 * At most one fetch runs at a time; where keys are known, nobody waits for one because of their age.
 *
 * @throws StreamError `invalid-option`
 */
export function createRemoteKeys(options: RemoteKeys): JWTVerifyGetKey {
  const url = resolveUrl(options);
  const cacheMs = integerOption("keys.cacheMs", options.cacheMs ?? 600_000, 1000, DAY_MS);
  const cooldownMs = integerOption("keys.cooldownMs", options.cooldownMs ?? 30_000, 0, DAY_MS);
  let refreshAtMs = 0;
  const fetchKeys = pausingFetch(Math.min(cooldownMs, FAILURE_PAUSE_MS), () => {
    refreshAtMs = performance.now() + cacheMs;
  });
  const remote = createRemoteJWKSet(url, {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: cooldownMs,
    cacheMaxAge: Math.max(KEEP_MS, cacheMs),
    [customFetch]: fetchKeys,
  });
  return async (header, token) => {
    if (remote.jwks() !== undefined && !remote.reloading && performance.now() >= refreshAtMs) {
      // Old keys do meanwhile; when they are too old, the next line asks and fails aloud.
      remote.reload().catch(() => {});
    }
    return remote(header, token);
  };
}

/**
 * A fetch that fails at once for a while after the last one: long after a failure; after an answer,
 * which may turn out to be no keys, no longer than the cooldown.
 */
function pausingFetch(pauseMs: number, onFetched: () => void): FetchImplementation {
  let pauseUntilMs = 0;
  return async (url, options) => {
    if (performance.now() < pauseUntilMs) throw new Error(`${NOT_FETCHED} a moment ago`);
    try {
      const response = await fetch(url, options);
      if (!response.ok) throw new Error(`the answer was ${response.status}`);
      pauseUntilMs = performance.now() + pauseMs;
      onFetched();
      return response;
    } catch (cause) {
      pauseUntilMs = performance.now() + FAILURE_PAUSE_MS;
      throw new Error(NOT_FETCHED, { cause });
    }
  };
}

const NOT_FETCHED = "The issuer's keys could not be fetched";

function resolveUrl({ jwksUrl, allowPlainHttp = false }: RemoteKeys): URL {
  const name = "keys.jwksUrl";
  if (!URL.canParse(String(jwksUrl))) throw invalidOption(name, "an address", "something else");
  const url = new URL(jwksUrl);
  const isHttp = url.protocol === "http:";
  if (url.protocol === "https:" || (isHttp && (allowPlainHttp || isThisMachine(url)))) return url;
  throw invalidOption(name, "https, or keys.allowPlainHttp", url.protocol);
}

function isThisMachine({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}
