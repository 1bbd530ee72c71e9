// The options of a publisher, checked once, where they come in.

import { StreamError } from "../core/index.js";
import type { Environment } from "./environment.js";
import type { ProducerIdentity, PublisherOptions, PublishFetch, PublishHeaders } from "./types.js";

/** Options with every default filled in. */
export interface ResolvedPublisherOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly fetch: PublishFetch;
  readonly headers: PublishHeaders;
  readonly producer: Required<ProducerIdentity> | undefined;
  readonly deadlineMs: number;
  readonly attemptTimeoutMs: number;
  readonly maxPending: number;
}

/** The longest that a timer of any platform can be set for. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Fills in defaults.
 *
 * @throws StreamError `invalid-option` that names the option, what was expected and what came
 */
export function resolvePublisherOptions(
  options: PublisherOptions,
  environment: Environment,
): ResolvedPublisherOptions {
  const { fetch = environment.fetch, headers = {}, producer } = options;
  if (typeof fetch !== "function") throw invalid("fetch", "a function", typeof fetch);
  return {
    url: resolveUrl(options.url),
    fetch,
    headers,
    producer: producer === undefined ? undefined : resolveProducer(producer, environment),
    deadlineMs: milliseconds("deadlineMs", options.deadlineMs ?? 60_000),
    attemptTimeoutMs: milliseconds("attemptTimeoutMs", options.attemptTimeoutMs ?? 10_000),
    maxPending: integer("maxPending", options.maxPending ?? 1000, 1),
  };
}

/** @throws StreamError `invalid-option` where a time makes no sense */
export function milliseconds(name: string, value: number): number {
  if (typeof value === "number" && value > 0 && value <= LONGEST_TIMER_MS) return value;
  throw invalid(name, `a number above 0, at most ${LONGEST_TIMER_MS}`, String(value));
}

function resolveUrl(url: string | URL): string {
  const text = String(url ?? "");
  // The address itself may hold a password, so the message does not repeat it.
  if (text !== "" && !/[?#]/.test(text)) return text.replace(/\/+$/, "");
  throw invalid("url", "an address without query and fragment", "another text");
}

function resolveProducer(
  producer: ProducerIdentity,
  environment: Environment,
): Required<ProducerIdentity> {
  const { id, epoch = environment.epochMs() } = producer;
  if (typeof id !== "string" || !/^[A-Za-z0-9._~:-]{1,128}$/.test(id)) {
    throw invalid("producer.id", "1 to 128 characters of [A-Za-z0-9._~:-]", "another text");
  }
  return { id, epoch: integer("producer.epoch", epoch, 0) };
}

function integer(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw invalid(name, `an integer from ${least}`, String(value));
}

function invalid(name: string, expected: string, got: string): StreamError {
  return new StreamError(`${name}: expected ${expected}, got ${got}.`, {
    code: "invalid-option",
    fault: "local",
  });
}
