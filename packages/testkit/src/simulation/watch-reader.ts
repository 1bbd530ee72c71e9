// Looks over the shoulder of one reader: what its code was given and what its network saw, held against what
// is stored and against the bounds. It shares no code with the client or the hub.

import { CHANGE_OVER_MS, HEAL_MS, HUB_LAG_MS } from "../checkers/allowances.js";
import type { DeliveryChecker } from "../checkers/index.js";
import { LivenessChecker } from "../checkers/liveness-checker.js";
import { POLL_BOUNDS, RequestRate, STREAM_BOUNDS } from "../checkers/request-rate.js";
import type { Reader, ReaderWitness } from "./actors/reader.js";
import { isWanted } from "./actors/topics.js";
import { fillingOf, readData } from "./disk/event-data.js";
import { positionOf, type StoredFact, type Truth } from "./disk/truth.js";
import type { ClientWitness, Head } from "./network/client-end.js";
import type { PathWitness, RequestKind } from "./network/path.js";
import type { Notebook } from "./report.js";

/** What was asked for in whole seconds may be off by a timer's rounding. */
const EARLY_MS = 5;

/** So long after the last disturbance a connection has been made anew, and has lasted. */
const CALM_MS = 7000;

/** Beside polls streams are tried, at most ten minutes apart; in a run as short as these, for a minute. */
const POLLED_LATELY_MS = 60_000;

type ToldGap = Parameters<ReaderWitness["onGap"]>[0];

/** What a watch needs. */
export interface WatchSetup {
  readonly name: string;
  readonly truth: Truth;
  readonly checker: DeliveryChecker;
  readonly notebook: Notebook;
  readonly nowMs: () => number;
  /** What timers and the way of a request may take, in milliseconds. */
  readonly slackMs: number;
  /** What the network itself needs to bring all that was published, in milliseconds. */
  readonly transferMs: number;
}

/** The watch over one reader. */
export class ReaderWatch implements PathWitness, ReaderWitness {
  readonly liveness: LivenessChecker;
  /** Since when nothing stands in its way; infinite while something does. */
  clearSinceMs = 0;
  isComplete = false;
  readonly #setup: WatchSetup;
  readonly #streams = new RequestRate(STREAM_BOUNDS);
  readonly #polls = new RequestRate(POLL_BOUNDS);
  readonly #had = new Set<string>();
  #reader: Reader | undefined;
  #requests = 0;
  #headAtOpen = 0;
  #epochAtOpen = 0;
  /** The last cursor that is known to be the reader's. */
  #cursor: string | undefined;
  #startPosition: number | undefined;
  /** Everything up to this position was received, or named by a gap. */
  #dealtWithPosition = 0;
  /** The index of the first fact that the reader may still be waiting for. */
  #next = 0;
  #hindrances = 0;
  #veils = 0;
  #isBlamed = false;
  #isClosed = false;
  #openedMs = 0;
  #polledMs = Number.NEGATIVE_INFINITY;
  /** When it was last seen to be read. */
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(setup: WatchSetup) {
    this.#setup = setup;
    this.liveness = new LivenessChecker(setup.slackMs);
  }

  /** Begins to watch a reader that is about to open its source. */
  watch(reader: Reader): void {
    this.#reader = reader;
    this.#openedMs = this.#setup.nowMs();
    this.#headAtOpen = this.#setup.truth.headBefore(this.#openedMs - HUB_LAG_MS);
    this.#epochAtOpen = this.#setup.truth.epochIndex;
    this.clearSinceMs = this.#hindrances === 0 ? this.#setup.nowMs() : Number.POSITIVE_INFINITY;
  }

  // ---- what is in the reader's way ----------------------------------------------------------------

  hinder(): void {
    this.#hindrances += 1;
    this.clearSinceMs = Number.POSITIVE_INFINITY;
  }

  relieve(): void {
    this.#hindrances -= 1;
    if (this.#hindrances === 0) this.clearSinceMs = this.#setup.nowMs();
  }

  /** Bytes are collected on its way: it has to notice, and to ask for whole responses. */
  obscure(): void {
    this.#veils += 1;
    this.disturb();
  }

  unveil(): void {
    this.#veils -= 1;
    this.disturb();
  }

  /** Something has happened that takes no time, and after which the reader has to heal. */
  disturb(): void {
    if (this.#hindrances === 0) this.clearSinceMs = this.#setup.nowMs();
  }

  // ---- what the network sees ----------------------------------------------------------------------

  onRequest(kind: RequestKind, target: string): ClientWitness {
    const { notebook, nowMs, name } = this.#setup;
    this.#requests += 1;
    const id = this.#requests;
    if (kind === "lease") return this.#leaseWitness(target);
    const isPoll = kind === "poll";
    notebook.tell(name, () => `request ${id} leaves: ${kind}, from ${this.#cursor ?? "nowhere"}`);
    if (isPoll) notebook.reach("polled");
    const broken = (isPoll ? this.#polls : this.#streams).count(nowMs());
    if (broken !== undefined) {
      notebook.breach("too-many-requests", `${name}: over ${broken.most} in ${broken.windowMs} ms`);
    }
    const earlyMs = this.liveness.requestLeft(id, isPoll, nowMs());
    if (earlyMs > EARLY_MS) {
      notebook.breach("too-early", `${name} asks ${earlyMs} ms before it may`);
    }
    this.#judgeNeed(isPoll);
    let isFirst = true;
    return {
      onHead: (head) => {
        notebook.tell(name, () => `request ${id} is answered ${head.status}`);
        this.liveness.answered(id, seenIn(head), nowMs());
      },
      onBytes: (byteLength) => {
        this.#noteCursor();
        this.liveness.bytesCame(id, nowMs());
        if (isFirst) notebook.tell(name, () => `request ${id} brings ${byteLength} bytes`);
        isFirst = false;
      },
      onOver: (ending) => {
        notebook.tell(name, () => `request ${id} is over: ${ending}`);
        this.liveness.over(id, ending, nowMs());
      },
    };
  }

  /** A connection that nothing disturbs need not be made anew. One whose bytes are held back has to be. */
  #judgeNeed(isPoll: boolean): void {
    const { notebook, nowMs, name } = this.#setup;
    const now = nowMs();
    if (isPoll) this.#polledMs = now;
    const settledMs = Math.max(this.clearSinceMs, this.liveness.spokenUntilMs, this.#openedMs);
    const reason = this.#reader?.source?.connection.reason;
    const isCalm = now - settledMs > CALM_MS && now - this.#polledMs > POLLED_LATELY_MS;
    if (!isCalm || this.#veils > 0 || reason === "drained") return;
    notebook.breach("needless-request", `${name} asks anew (${reason}), in the middle of a calm`);
  }

  #leaseWitness(target: string): ClientWitness {
    const { notebook, name } = this.#setup;
    notebook.reach("renewed a lease");
    if (target.includes("recovered=")) notebook.reach("told of a recovery");
    return {
      onHead: ({ status }) => {
        notebook.reach(`lease answered ${status}`);
        notebook.tell(name, () => `its lease is answered ${status}`);
      },
      onBytes: () => {},
      onOver: () => {},
    };
  }

  // ---- what the reader's code is given ------------------------------------------------------------

  onEvent(data: string, cursor: string): void {
    const { truth, notebook, checker, name } = this.#setup;
    this.#noteCursor();
    this.#join();
    this.#moveTo(cursor);
    const fact = truth.at(cursor);
    const { key, filling, length } = readData(data);
    notebook.tell(name, () => `has ${String(key)} at ${cursor}`);
    const isWhole = filling === fillingOf(length ?? -1);
    if (fact === undefined || fact.key !== key || !isWhole) {
      notebook.breach("invented", `${name} was given ${data.slice(0, 60)} at ${cursor}`);
      return;
    }
    this.#had.add(cursor);
    this.#dealtWithPosition = Math.max(this.#dealtWithPosition, fact.position);
    checker.received(name, cursor);
  }

  onGap(gap: ToldGap): void {
    const { truth, notebook, name } = this.#setup;
    notebook.reach(`gap: ${gap.reason}`);
    notebook.tell(name, () => `is told of a gap: ${gap.reason}, ${gap.from} to ${gap.to}`);
    this.#join();
    const before = truth.placeOf(this.#cursor ?? "");
    const cursor = this.#reader?.source?.lastEventId ?? "";
    const after = truth.placeOf(cursor);
    if (after === undefined) {
      this.#falseGap(gap, `it leads to "${cursor}"`);
      return;
    }
    this.#cursor = cursor;
    if (gap.reason === "reset") {
      if (before === undefined || before.epochIndex === after.epochIndex) {
        this.#falseGap(gap, `no other epoch: ${cursor}`);
      } else this.#cover(positionOf(before) + 1, positionOf(after));
      return;
    }
    const { from, to } = gap;
    if (gap.reason !== "trimmed" || from === null || to === null) {
      this.#falseGap(gap, "nothing of the kind has happened");
      return;
    }
    if (to < from) this.#falseGap(gap, "nothing is missing");
    const isPresent = after.epochIndex === truth.epochIndex;
    if (isPresent && to >= truth.earliest)
      this.#falseGap(gap, `all from ${truth.earliest} is kept`);
    const { epochIndex } = after;
    this.#cover(positionOf({ epochIndex, offset: from }), positionOf({ epochIndex, offset: to }));
  }

  onState(state: string, reason: string): void {
    const { notebook, name } = this.#setup;
    notebook.tell(name, () => `is ${state}: ${reason}`);
    if (state === "failed") notebook.breach("gave-up", `${name}: ${reason}`);
    this.#isClosed = state === "closed" || state === "failed";
    if (state === "closed" && reason === "complete") this.isComplete = true;
  }

  #falseGap(gap: ToldGap, why: string): void {
    const { notebook, name } = this.#setup;
    notebook.breach("false-gap", `${name} was told ${gap.reason} ${gap.from} to ${gap.to}: ${why}`);
  }

  /** A gap that is true names these positions. One in which nothing was stored needs no cover. */
  #cover(from: number, to: number): void {
    const { truth, checker, name } = this.#setup;
    this.#dealtWithPosition = Math.max(this.#dealtWithPosition, to);
    const isNamed = ({ position }: StoredFact) => position >= from && position <= to;
    if (truth.facts.some(isNamed)) checker.toldGap(name, { from, to });
  }

  // ---- the beginning ------------------------------------------------------------------------------

  /** Cursors also move without an event. */
  #noteCursor(): void {
    const shown = this.#reader?.source?.lastEventId ?? "";
    if (shown === this.#cursor && this.#startPosition !== undefined) return;
    if (this.#setup.truth.placeOf(shown) === undefined) return;
    this.#moveTo(shown);
    this.#begin(shown);
  }

  /** Only a gap may lead to another epoch: what was lost with the old one cannot be known. */
  #moveTo(cursor: string): void {
    const { truth, notebook, name } = this.#setup;
    const before = truth.placeOf(this.#cursor ?? "");
    const after = truth.placeOf(cursor);
    this.#cursor = cursor;
    if (before === undefined || after === undefined || before.epochIndex === after.epochIndex)
      return;
    notebook.breach("lost", `${name} was not told that ${cursor} is of another epoch`);
  }

  #begin(cursor: string): void {
    if (this.#startPosition !== undefined) return;
    const { truth, notebook, name } = this.#setup;
    const place = truth.placeOf(cursor);
    if (place === undefined) return;
    this.#startPosition = positionOf(place);
    this.#dealtWithPosition = this.#startPosition;
    if (place.epochIndex !== truth.epochIndex) return;
    if (this.#reader?.plan.from === "earliest") {
      if (place.offset < truth.earliest) return;
      notebook.breach("lost", `${name} begins after ${cursor}; ${truth.earliest} is kept`);
    } else if (place.epochIndex === this.#epochAtOpen && place.offset < this.#headAtOpen) {
      notebook.breach("unwanted", `${name} begins after ${cursor}, before what is new`);
    }
  }

  #hasJoined = false;

  /** Introduces the reader to the checker, as soon as it is known where it begins. */
  #join(): void {
    if (this.#hasJoined) return;
    this.#hasJoined = true;
    const { truth, checker, name } = this.#setup;
    const afterPosition = this.#startPosition ?? Number.POSITIVE_INFINITY;
    checker.joined(name, {
      start: { afterPosition },
      wants: (cursor) => this.#wants(truth.at(String(cursor))),
    });
  }

  #wants(fact: StoredFact | undefined): boolean {
    return fact !== undefined && isWanted(fact.topic, this.#reader?.plan.topics ?? []);
  }

  // ---- the bounds ---------------------------------------------------------------------------------

  /** Whether it has everything that is stored, and is being served. */
  get isWell(): boolean {
    if (this.isComplete) return true;
    this.#noteCursor();
    return this.#firstMissing() === undefined && this.liveness.isRead(this.#setup.nowMs());
  }

  /** Looks whether it keeps to the bounds at this moment. */
  check(): void {
    const reader = this.#reader;
    if (reader === undefined || this.#isBlamed || this.#isClosed) return;
    const { notebook, nowMs, name, slackMs, transferMs } = this.#setup;
    this.#noteCursor();
    const now = nowMs();
    if (reader.machine.isAsleep) return;
    const lateMs = this.liveness.lateMs(now);
    if (lateMs > 0) {
      this.#isBlamed = true;
      notebook.breach("late-begin", `${name} should have asked ${Math.round(lateMs)} ms ago`);
      return;
    }
    const clearMs = Math.max(this.clearSinceMs, this.liveness.spokenUntilMs);
    const healMs = HEAL_MS + slackMs + transferMs + (this.#veils > 0 ? CHANGE_OVER_MS : 0);
    if (this.liveness.isRead(now)) this.#readMs = now;
    if (now <= clearMs + healMs) return;
    const missing = this.#firstMissing();
    const isLate = missing !== undefined && now > missing.storedMs + healMs;
    // Where nothing stands in the way only a hub ends what was read, and that is another disruption.
    if (!isLate && now <= this.#readMs + healMs) return;
    this.#isBlamed = true;
    const what = isLate ? `waits for ${missing.key} at ${missing.cursor}` : "is not read";
    notebook.breach(
      "not-healed",
      `${name} ${what}, ${Math.round(now - clearMs)} ms after all is clear`,
    );
  }

  /** The end of the run: from now on nothing more can come. */
  finish(): void {
    this.#noteCursor();
    this.#join();
  }

  #firstMissing(): StoredFact | undefined {
    const { facts } = this.#setup.truth;
    const start = this.#startPosition ?? Number.POSITIVE_INFINITY;
    for (; this.#next < facts.length; this.#next += 1) {
      const fact = facts[this.#next];
      if (fact === undefined || start === Number.POSITIVE_INFINITY) return undefined;
      const { position, cursor } = fact;
      const isDone = position <= this.#dealtWithPosition || position <= start;
      // That it was passed over is the delivery checker's to find.
      if (!isDone && !this.#had.has(cursor) && this.#wants(fact)) return fact;
    }
    return undefined;
  }
}

function seenIn({ status, headers }: Head) {
  const isStream =
    status === 200 && headers["content-type"]?.startsWith("text/event-stream") === true;
  const seconds = headers["retry-after"];
  return {
    status,
    isStream,
    retryAfterMs: seconds === undefined ? undefined : Number(seconds) * 1000,
  };
}
