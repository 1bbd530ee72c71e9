// Asks an application's hook, and understands what it says. Hooks are written in haste and without
// a compiler too: whatever is not clearly a grant lets nobody in.

import { isTopicPattern, StreamError } from "throughline/core";
import type { AccessDenial, AccessRequest, Authorize } from "./access.js";
import type { AccessSettings } from "./access-options.js";
import type { HubEnvironment } from "./environment.js";
import type { Problem } from "./problem.js";

/** What a hook said. */
export type Verdict =
  | { readonly kind: "granted"; readonly grant: CheckedGrant }
  | { readonly kind: "denied"; readonly problem: Problem };

/** A grant with everything decided. */
export interface CheckedGrant {
  readonly identity: string | undefined;
  /** `undefined`: all topics, and what has none. */
  readonly topics: readonly string[] | undefined;
  /** Infinity: never. */
  readonly expiresAtMs: number;
}

/** More patterns than anybody lists by hand, and few enough to compare with all that are asked for. */
const MOST_TOPICS = 1000;

/** Longest name of somebody, in characters: it is kept for every connection. */
const LONGEST_IDENTITY = 1024;

const GRANT_MEMBERS = ["identity", "topics", "expiresAtMs"];
const DENIAL_MEMBERS = ["status", "detail", "challenge"];

/**
 * Asks the hook.
 *
 * @throws StreamError `authorization-failed` where it throws, takes too long, or says something that
 *   is neither a grant nor a denial
 */
export async function askHook(
  { authorize, authorizeTimeoutMs }: AccessSettings,
  environment: HubEnvironment,
  request: AccessRequest,
): Promise<Verdict> {
  let stopTimer = () => {};
  const timeout = new Promise<typeof TOO_LATE>((resolve) => {
    stopTimer = environment.after(authorizeTimeoutMs, () => resolve(TOO_LATE));
  });
  try {
    const answer = await Promise.race([callHook(authorize, request), timeout]);
    if (answer === TOO_LATE) throw failed(`did not answer within ${authorizeTimeoutMs} ms`);
    return readAnswer(answer);
  } finally {
    stopTimer();
  }
}

const TOO_LATE = Symbol("too late");

/** Hooks are free to throw at once or later. */
async function callHook(authorize: Authorize, request: AccessRequest): Promise<unknown> {
  try {
    return await authorize(request);
  } catch (error) {
    throw failed("failed", error);
  }
}

function failed(what: string, cause?: unknown): StreamError {
  return new StreamError(`The authorize hook ${what}; nobody is let in by it.`, {
    code: "authorization-failed",
    fault: "local",
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A failure to follow the contract. What was answered is not shown: it may hold credentials. */
function misanswered(expected: string): StreamError {
  return failed(`answered something else than ${expected}`);
}

function readAnswer(answer: unknown): Verdict {
  if (!isPlainObject(answer)) throw misanswered("a grant or a denial, as a plain object");
  const members: { readonly [member: string]: unknown } = { ...answer };
  const isDenial = "status" in members;
  const known = isDenial ? DENIAL_MEMBERS : GRANT_MEMBERS;
  // A mistyped `topics` would otherwise grant everything.
  if (Object.keys(members).some((member) => !known.includes(member))) {
    throw misanswered(`an object of ${known.join(", ")}`);
  }
  return isDenial ? readDenial(members) : readGrant(members);
}

function readGrant({ identity, topics, expiresAtMs }: { readonly [member: string]: unknown }) {
  if (identity !== undefined && !isText(identity, LONGEST_IDENTITY)) {
    throw misanswered(`an identity of 1 to ${LONGEST_IDENTITY} characters`);
  }
  if (topics !== undefined && !areTopics(topics)) {
    throw misanswered(`at most ${MOST_TOPICS} patterns as topics`);
  }
  if (expiresAtMs !== undefined && !isTime(expiresAtMs)) {
    throw misanswered("a number of milliseconds as expiresAtMs");
  }
  const grant = { identity, topics, expiresAtMs: expiresAtMs ?? Number.POSITIVE_INFINITY };
  return { kind: "granted", grant } as const;
}

function readDenial(members: { readonly [member: string]: unknown }): Verdict {
  const { status, detail, challenge } = members;
  if (status !== 401 && status !== 403) throw misanswered("401 or 403 as status");
  if (detail !== undefined && !isText(detail, 1024)) throw misanswered("a sentence as detail");
  if (challenge !== undefined && !(isText(challenge, 1024) && /^[\x20-\x7e]+$/.test(challenge))) {
    throw misanswered("printable ASCII as challenge");
  }
  return { kind: "denied", problem: denialProblem({ status, detail, challenge }) };
}

/** A refusal as an answer. */
export function denialProblem({ status, detail, challenge }: AccessDenial): Problem {
  const isUnknown = status === 401;
  const shown = challenge ?? (isUnknown ? 'Bearer realm="throughline"' : undefined);
  return {
    status,
    code: isUnknown ? "unauthorized" : "forbidden",
    detail: detail ?? (isUnknown ? "Credentials are needed for this." : "This is not allowed."),
    ...(shown === undefined ? {} : { headers: { "www-authenticate": shown } }),
  };
}

/** Other objects, such as an error that was returned and not thrown, look like `{}`: all allowed. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= longest;
}

function areTopics(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= MOST_TOPICS &&
    value.every((pattern) => typeof pattern === "string" && isTopicPattern(pattern))
  );
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && !Number.isNaN(value);
}
