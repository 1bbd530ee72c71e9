// The supervised connection to a backend: the client's connection machine, with the backend's manners.

import { randomUUID } from "node:crypto";
import { type ConnectionSnapshot, type StreamEvent, subscribe } from "throughline";
import type { RefusalRule, UpstreamRules } from "./route.js";
import {
  createUpstreamFetch,
  RESUMED,
  type UpstreamAnswer,
  type UpstreamQuestion,
} from "./upstream-fetch.js";

/** What is known of a backend's stream. */
export interface UpstreamOptions {
  readonly rules: UpstreamRules;
  readonly refusals: readonly RefusalRule[];
  /** Whether responses end although nothing is wrong. */
  readonly endsByDesign: boolean;
  /** What to ask for now. */
  ask(): UpstreamQuestion;
  /** The backend's own id to go on after; empty for none. */
  readonly lastEventId: string;
  /** What shows who asks; waits for a thread of the backend's. Rejects where there are none. */
  credentials(): Promise<Readonly<Record<string, string>>>;
  readonly hasOtherCredentials: () => boolean;
}

/** Who is told what comes of it. */
export interface UpstreamOwner {
  /** A request leaves. */
  onBegun(): void;
  /** A response has begun. The events that follow are its own. Awaited before they are read. */
  onOpen(isResuming: boolean): Promise<void>;
  /** An event. The next one is read when this has resolved. */
  onEvent(event: StreamEvent): Promise<void>;
  onState(snapshot: ConnectionSnapshot): void;
  onRefused(answer: UpstreamAnswer): void;
  /** The exchange is over: by the backend, or by us. */
  onOver(by: "backend" | "us"): void;
  /** The backend has said that there is nothing more, and is not asked again. */
  onComplete(): void;
  /** What `onOpen` or `onEvent` threw: the connection is given up. */
  onFailed(error: unknown): void;
}

/** A connection to a backend, until it is closed. */
export interface Upstream {
  close(): void;
}

/** A stream that lasted so long was no failure. Backends do not end what they stream at once. */
const PROVEN_AFTER_MS = 1000;

/**
 * The same where a backend ends its streams by design, which may be as soon as it has said what it has.
 * How often it is asked is limited by whoever shows the credentials.
 */
const PROVEN_BY_DESIGN_MS = 100;

/** Connects, and keeps connected. */
export function openUpstream(options: UpstreamOptions, owner: UpstreamOwner): Upstream {
  const { rules } = options;
  const controller = new AbortController();
  // Nobody at the other end can guess it.
  const openMark = `throughline-${randomUUID()}`;
  const fetch = createUpstreamFetch({
    ask: () => options.ask(),
    refusals: options.refusals,
    openMark,
    hasOtherCredentials: options.hasOtherCredentials,
    onBegun: () => owner.onBegun(),
    onRefused: (answer) => owner.onRefused(answer),
    onOver: (by) => owner.onOver(by),
  });
  const subscription = subscribe(options.ask().url, {
    fetch,
    headers: () => options.credentials(),
    lastEventId: options.lastEventId,
    resumeBy: "header",
    connectTimeoutMs: rules.answerMs,
    maxConnectTimeoutMs: Math.max(rules.answerMs, MAX_ANSWER_MS),
    // How long it may take is a rule of the route.
    patienceMs: Math.max(rules.answerMs, MAX_ANSWER_MS),
    idleTimeoutMs: rules.silenceMs,
    refusalLimit: Number.POSITIVE_INFINITY,
    provenAfterMs: options.endsByDesign ? PROVEN_BY_DESIGN_MS : PROVEN_AFTER_MS,
    maxRetryMs: rules.maxRetryMs,
    signal: controller.signal,
  });
  const stopWatching = subscription.connection.subscribe((snapshot) => owner.onState(snapshot));
  const read = async () => {
    for await (const event of subscription) {
      if (event.type === openMark) await owner.onOpen(event.data === RESUMED);
      else await owner.onEvent(event);
    }
  };
  read().then(
    () => {
      if (!controller.signal.aborted) owner.onComplete();
    },
    (error: unknown) => {
      controller.abort();
      owner.onFailed(error);
    },
  );
  return {
    close: () => {
      stopWatching();
      controller.abort();
    },
  };
}

/** A backend that took too long several times gets so much time, as the client gives it. */
const MAX_ANSWER_MS = 3600;
