// Judges whether events were delivered exactly once and in order, from nothing but ids: what
// publishers were told, and what readers saw. It shares no code with what it judges.

import { StreamError } from "throughline/core";
import type { Conflict, DeliveryReport, EventKey, GapNotice } from "./delivery-report.js";
import {
  judgeReader,
  type Observation,
  type ReaderOptions,
  type ReaderVerdict,
} from "./judge-reader.js";
import { Ledger } from "./ledger.js";

/**
 * Takes notes of one stream and its readers. Every call is a fact at the moment of the call: keep them
 * in the order in which things happened.
 */
export interface DeliveryChecker {
  /**
   * A publisher is about to send an event. Such an event may be received even if it is never
   * acknowledged (the publisher may have died while waiting), but it need not be.
   */
  attempted(key: EventKey): void;
  /**
   * The event was acknowledged: every reader is to receive it. `position` is its place in the stream;
   * left out, events stand in the order of these calls, from 1. All calls give one, or none does.
   *
   * May be called after the event was received. The same acknowledgement again changes nothing; one
   * that contradicts an earlier one is reported as a conflict.
   */
  published(key: EventKey, position?: number): void;
  /** Introduces a reader; one that is not introduced has the default options from its first event. */
  joined(reader: string, options?: ReaderOptions): void;
  /** The reader's code was given an event. */
  received(reader: string, key: EventKey): void;
  /** The reader's code was told that events are missing. */
  toldGap(reader: string, gap: GapNotice): void;
  /**
   * The report on everything noted so far. Events that are still on their way count as lost: ask when
   * all is quiet. May be asked again later.
   */
  verdict(): DeliveryReport;
}

/** A checker of one stream, with nothing noted yet. */
export function createDeliveryChecker(): DeliveryChecker {
  const ledger = new Ledger();
  const conflicts: Conflict[] = [];
  const readers = new Map<string, Reader>();

  function readerOf(name: string): Reader {
    const known = readers.get(name);
    if (known !== undefined) return known;
    const reader: Reader = { options: {}, observations: [] };
    readers.set(name, reader);
    return reader;
  }

  return {
    attempted(key) {
      ledger.attempt(key);
    },
    published(key, position) {
      const conflict = ledger.acknowledge(key, position);
      if (conflict !== undefined) conflicts.push(conflict);
    },
    joined(name, options = {}) {
      if (readers.has(name)) throw misuse(`Reader "${name}" has joined or received before.`);
      readers.set(name, { options, observations: [] });
    },
    received(name, key) {
      readerOf(name).observations.push({ kind: "event", key });
    },
    toldGap(name, gap) {
      // What nobody had sent yet when the notice came cannot be what the notice is about.
      readerOf(name).observations.push({ kind: "gap", gap, knownCount: ledger.knownCount });
    },
    verdict() {
      const verdicts = [...readers].map(([reader, { options, observations }]) =>
        judgeReader({ reader, options, observations, ledger }),
      );
      return summarise({ ledger, conflicts: [...conflicts], verdicts });
    },
  };
}

interface Reader {
  readonly options: ReaderOptions;
  readonly observations: Observation[];
}

function summarise({
  ledger,
  conflicts,
  verdicts,
}: {
  readonly ledger: Ledger;
  readonly conflicts: readonly Conflict[];
  readonly verdicts: readonly ReaderVerdict[];
}): DeliveryReport {
  const lost = verdicts.flatMap((verdict) => verdict.lost);
  const repeated = verdicts.flatMap((verdict) => verdict.repeated);
  const reordered = verdicts.flatMap((verdict) => verdict.reordered);
  const unknown = verdicts.flatMap((verdict) => verdict.unknown);
  const unwanted = verdicts.flatMap((verdict) => verdict.unwanted);
  const falseGaps = verdicts.flatMap((verdict) => verdict.falseGaps);
  const violations = [lost, repeated, reordered, unknown, unwanted, falseGaps, conflicts];
  return {
    isFaithful: violations.every((found) => found.length === 0),
    publishedCount: ledger.ordered().length,
    receivedCount: verdicts.reduce((sum, verdict) => sum + verdict.receivedCount, 0),
    lost,
    repeated,
    reordered,
    unknown,
    unwanted,
    covered: verdicts.flatMap((verdict) => verdict.covered),
    falseGaps,
    conflicts,
  };
}

function misuse(message: string): StreamError {
  return new StreamError(message, { code: "invalid-state", fault: "local" });
}
