// Judges one reader by its requests alone: whether it does something in time when its connection falls
// silent or breaks. It shares no code with what it judges.

import {
  BEGIN_MS,
  BEGIN_POLLING_MS,
  BETWEEN_ATTEMPTS_MS,
  HUNG_MS,
  PATIENT_AFTER_REQUESTS,
  PROVEN_MS,
  SHORT_STREAM_FLOOR_MS,
  serverTrackMs,
  UNAVAILABLE_IS_PATH_MS,
} from "./allowances.js";

/** The head of an answer, as far as it matters here. */
export interface AnswerSeen {
  readonly status: number;
  readonly isStream: boolean;
  /** What `Retry-After` says; `undefined` where there is none. */
  readonly retryAfterMs: number | undefined;
}

/** A request under way. */
interface Open {
  readonly isPoll: boolean;
  openedMs: number | undefined;
  lastByteMs: number | undefined;
  /** By when something has to happen, as far as this one says. */
  dueMs: number;
  /** By when the next request has to leave, where the answer was none that can be read. */
  afterRefusalMs: number | undefined;
}

/** Watches the requests of one reader. All moments are milliseconds on one clock. */
export class LivenessChecker {
  /** Until when the server has asked to be left alone; the promises hold from then on. */
  spokenUntilMs = Number.NEGATIVE_INFINITY;
  readonly #slackMs: number;
  readonly #open = new Map<number, Open>();
  #dueMs = Number.POSITIVE_INFINITY;
  #excusedUntilMs = Number.NEGATIVE_INFINITY;
  #rebuffs = 0;
  #unavailableSinceMs: number | undefined;
  #unanswered = 0;
  #hasEverAnswered = false;
  #polledMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  /** The same for streams that are tried beside polls: each of the two keeps what it was told itself. */
  #noProbeBeforeMs = Number.NEGATIVE_INFINITY;

  /** @param slackMs what timers and the way of a request may take */
  constructor(slackMs: number) {
    this.#slackMs = slackMs;
  }

  /** Counts a request; tells by how much it comes before the moment that the server has asked for. */
  requestLeft(id: number, isPoll: boolean, nowMs: number): number {
    const isProbe = !isPoll && this.#isBesidePolls(nowMs);
    const notBeforeMs = isProbe ? this.#noProbeBeforeMs : this.#notBeforeMs;
    const earlyMs = Math.max(0, notBeforeMs - nowMs);
    this.#unanswered += 1;
    // What a poll may wait for its first event comes on top, and every bound of a poll is the longer one.
    const dueMs = nowMs + (isPoll ? BEGIN_POLLING_MS : HUNG_MS);
    const request = { openedMs: undefined, lastByteMs: undefined, afterRefusalMs: undefined };
    this.#open.set(id, { isPoll, dueMs, ...request });
    const isPatient = !this.#hasEverAnswered && this.#unanswered > PATIENT_AFTER_REQUESTS;
    if (isPatient) this.excuse(nowMs + UNAVAILABLE_IS_PATH_MS);
    return earlyMs;
  }

  answered(id: number, answer: AnswerSeen, nowMs: number): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    this.#unanswered = 0;
    this.#hasEverAnswered = true;
    if (answer.isStream) {
      this.#unavailableSinceMs = undefined;
      request.openedMs = nowMs;
      request.dueMs = nowMs + silenceMs(request);
      return;
    }
    const untilMs = nowMs + (answer.retryAfterMs ?? 0);
    if (!request.isPoll && this.#isBesidePolls(nowMs)) this.#noProbeBeforeMs = untilMs;
    // What a successor is told says nothing to the connection that goes on.
    else if (this.#open.size === 1) this.#notBeforeMs = untilMs;
    this.#unavailableSinceMs ??= nowMs;
    const isUnavailable = answer.status >= 500 || answer.status === 408 || answer.status === 425;
    const isPath =
      isUnavailable &&
      answer.retryAfterMs === undefined &&
      nowMs - this.#unavailableSinceMs < UNAVAILABLE_IS_PATH_MS;
    request.dueMs = nowMs + (isPath ? BETWEEN_ATTEMPTS_MS : this.#rebuff(answer, nowMs));
    request.afterRefusalMs = request.dueMs;
  }

  bytesCame(id: number, nowMs: number): void {
    const request = this.#open.get(id);
    if (request?.openedMs === undefined) return;
    request.lastByteMs = nowMs;
    if (request.isPoll) this.#polledMs = nowMs;
    request.dueMs = nowMs + silenceMs(request);
    if (nowMs - request.openedMs >= PROVEN_MS) this.#rebuffs = 0;
  }

  /** @param isWhole whether the answer ended in good order; a reader that leaves it is not the end of it */
  over(id: number, ending: "complete" | "broken" | "left", nowMs: number): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    this.#open.delete(id);
    this.#dueMs = request.afterRefusalMs ?? nowMs + this.#waitAfter(request, ending, nowMs);
  }

  /** Nothing is expected before this: the reader's machine sleeps, or its page is put aside. */
  excuse(untilMs: number): void {
    this.#excusedUntilMs = Math.max(this.#excusedUntilMs, untilMs);
  }

  /** The application wants a request now, whatever the server has asked for. */
  demand(nowMs: number): void {
    this.#notBeforeMs = Number.NEGATIVE_INFINITY;
    this.#noProbeBeforeMs = Number.NEGATIVE_INFINITY;
    this.excuse(nowMs);
  }

  /** By how much the next sign of the reader is late; 0 where it is not. */
  lateMs(nowMs: number): number {
    // Where one has ended, another that is under way is the next attempt, with time of its own.
    const isWaiting = this.#open.size === 0 || Number.isFinite(this.#dueMs);
    let dueMs = isWaiting ? this.#dueMs : Number.NEGATIVE_INFINITY;
    for (const request of this.#open.values()) dueMs = Math.max(dueMs, request.dueMs);
    return Math.max(0, nowMs - Math.max(dueMs, this.#excusedUntilMs) - this.#slackMs);
  }

  /** Whether an answer is open that has brought bytes lately, or a poll has. */
  isRead(nowMs: number): boolean {
    if (this.#isPolling(nowMs)) return true;
    for (const request of this.#open.values()) {
      const { lastByteMs } = request;
      if (lastByteMs !== undefined && nowMs - lastByteMs <= silenceMs(request)) return true;
    }
    return false;
  }

  /** Whether a stream that is asked for now is tried beside polls: there is none that is open. */
  #isBesidePolls(nowMs: number): boolean {
    const open = [...this.#open.values()];
    return (
      this.#isPolling(nowMs) && !open.some((each) => !each.isPoll && each.openedMs !== undefined)
    );
  }

  #isPolling(nowMs: number): boolean {
    return nowMs - this.#polledMs <= BEGIN_POLLING_MS;
  }

  #waitAfter({ isPoll, openedMs, lastByteMs }: Open, ending: string, nowMs: number): number {
    if (ending === "left") return BEGIN_MS;
    if (openedMs === undefined) return BETWEEN_ATTEMPTS_MS;
    if (ending === "broken" || (isPoll && lastByteMs !== undefined)) return BEGIN_MS;
    if (!isPoll && lastByteMs !== undefined && nowMs - openedMs >= PROVEN_MS) return BEGIN_MS;
    return this.#rebuff({ retryAfterMs: SHORT_STREAM_FLOOR_MS }, nowMs);
  }

  #rebuff(
    { retryAfterMs = 0 }: { readonly retryAfterMs?: number | undefined },
    nowMs: number,
  ): number {
    this.#rebuffs += 1;
    const waitMs = serverTrackMs(this.#rebuffs, retryAfterMs);
    this.spokenUntilMs = Math.max(this.spokenUntilMs, nowMs + waitMs);
    return waitMs;
  }
}

function silenceMs({ isPoll }: Open): number {
  return isPoll ? BEGIN_POLLING_MS : BEGIN_MS;
}
