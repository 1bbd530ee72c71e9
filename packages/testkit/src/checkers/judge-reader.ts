// The judgement on one reader: a walk through what it saw, beside what there was to see.

import { StreamError } from "throughline/core";
import type {
  Coverage,
  Disorder,
  EventKey,
  FalseGap,
  Finding,
  GapNotice,
  Loss,
  Repetition,
} from "./delivery-report.js";
import type { Ledger, LedgerEntry } from "./ledger.js";

/** What a reader may expect. */
export interface ReaderOptions {
  /**
   * Where its stream begins: with the first event of all (the default), behind the event with the
   * given key or behind a position, or with the first event that it receives.
   */
  readonly start?:
    | "beginning"
    | "first-received"
    | { readonly after: EventKey }
    | { readonly afterPosition: number }
    | undefined;
  /** Which events its filter lets through. Default: all. */
  readonly wants?: ((key: EventKey) => boolean) | undefined;
}

/** One thing that a reader saw. */
export type Observation =
  | { readonly kind: "event"; readonly key: EventKey }
  | {
      readonly kind: "gap";
      readonly gap: GapNotice;
      /** How many events had been heard of from publishers when the notice came. */
      readonly knownCount: number;
    };

/** Everything that the judgement rests on. */
export interface ReaderNotes {
  readonly reader: string;
  readonly options: ReaderOptions;
  readonly observations: readonly Observation[];
  readonly ledger: Ledger;
}

/** The part of the report that is about one reader. */
export interface ReaderVerdict {
  readonly receivedCount: number;
  readonly lost: readonly Loss[];
  readonly repeated: readonly Repetition[];
  readonly reordered: readonly Disorder[];
  readonly unknown: readonly Finding[];
  readonly unwanted: readonly Finding[];
  readonly covered: readonly Coverage[];
  readonly falseGaps: readonly FalseGap[];
}

/** Judges one reader, in time proportional to its events, and to all events for each gap notice. */
export function judgeReader(notes: ReaderNotes): ReaderVerdict {
  const { reader, options, observations, ledger } = notes;
  const wants = options.wants ?? (() => true);
  const times = countReceived(observations);
  const startsAfter = startPosition(notes);
  const gaps = placeGaps(observations, ledger);
  const missing = ledger
    .ordered()
    .filter(({ key, position }) => position > startsAfter && !times.has(key));
  const find = (key: EventKey): Finding => ({ reader, key });
  return {
    receivedCount: observations.filter(({ kind }) => kind === "event").length,
    ...judgeMissing({ reader, gaps, missing: missing.filter(({ key }) => wants(key)) }),
    repeated: [...times]
      .filter(([, count]) => count > 1)
      .map(([key, count]) => ({ reader, key, times: count })),
    reordered: findDisorder(notes),
    unknown: [...times.keys()].filter((key) => !ledger.isKnown(key)).map(find),
    unwanted: [...times.keys()]
      .filter((key) => ledger.isKnown(key))
      .filter((key) => !wants(key) || isBeforeStart(key, notes, startsAfter))
      .map(find),
    falseGaps: findFalseGaps({ reader, gaps, missing, times, ledger }),
  };
}

function countReceived(observations: readonly Observation[]): ReadonlyMap<EventKey, number> {
  const times = new Map<EventKey, number>();
  for (const seen of observations) {
    if (seen.kind === "event") times.set(seen.key, (times.get(seen.key) ?? 0) + 1);
  }
  return times;
}

/** Events above this position are the reader's. */
function startPosition({ reader, options, observations, ledger }: ReaderNotes): number {
  const { start = "beginning" } = options;
  if (start === "beginning") return Number.NEGATIVE_INFINITY;
  if (start !== "first-received") {
    if ("afterPosition" in start) return start.afterPosition;
    const entry = ledger.find(start.after);
    if (entry !== undefined) return entry.position;
    const message = `Reader "${reader}" starts after "${start.after}", which was never published.`;
    throw new StreamError(message, { code: "invalid-state", fault: "local" });
  }
  for (const seen of observations) {
    const entry = seen.kind === "event" ? ledger.find(seen.key) : undefined;
    // The first event itself is the reader's too, but it is received by definition.
    if (entry !== undefined) return entry.position;
  }
  return Number.POSITIVE_INFINITY;
}

/** For a reader that begins where it begins, an earlier event is out of order, not out of place. */
function isBeforeStart(
  key: EventKey,
  { options, ledger }: ReaderNotes,
  startsAfter: number,
): boolean {
  if (options.start === "first-received") return false;
  const entry = ledger.find(key);
  return entry !== undefined && entry.position <= startsAfter;
}

function findDisorder({ reader, observations, ledger }: ReaderNotes): readonly Disorder[] {
  const disorder: Disorder[] = [];
  const seenKeys = new Set<EventKey>();
  let latest: LedgerEntry | undefined;
  for (const seen of observations) {
    const entry = seen.kind === "event" ? ledger.find(seen.key) : undefined;
    if (entry === undefined || seenKeys.has(entry.key)) continue;
    seenKeys.add(entry.key);
    if (latest !== undefined && entry.position < latest.position) {
      disorder.push({ reader, key: entry.key, after: latest.key });
    } else {
      latest = entry;
    }
  }
  return disorder;
}

/** A gap notice with its open ends closed, at its place among what the reader saw. */
interface PlacedGap {
  readonly gap: GapNotice;
  /** Whether the notice calls this event missing. */
  readonly names: (entry: LedgerEntry) => boolean;
  /** The highest position received before: what lies below was announced too late. */
  readonly receivedUpTo: number;
}

function placeGaps(observations: readonly Observation[], ledger: Ledger): readonly PlacedGap[] {
  const placed: PlacedGap[] = [];
  let receivedUpTo = Number.NEGATIVE_INFINITY;
  observations.forEach((seen, at) => {
    if (seen.kind === "event") {
      receivedUpTo = Math.max(receivedUpTo, ledger.find(seen.key)?.position ?? receivedUpTo);
      return;
    }
    const { gap, knownCount } = seen;
    const above = receivedUpTo;
    const below = nextPosition({ observations, at, above, ledger });
    const names = ({ position, knownBefore }: LedgerEntry) =>
      knownBefore < knownCount &&
      (gap.from === null ? position > above : position >= gap.from) &&
      (gap.to === null ? position < below : position <= gap.to);
    placed.push({ gap, names, receivedUpTo: above });
  });
  return placed;
}

/** Position of the first event above `above` that is received behind index `at`. */
function nextPosition({
  observations,
  at,
  above,
  ledger,
}: {
  readonly observations: readonly Observation[];
  readonly at: number;
  readonly above: number;
  readonly ledger: Ledger;
}): number {
  for (let next = at + 1; next < observations.length; next += 1) {
    const seen = observations[next];
    const position = seen?.kind === "event" ? ledger.find(seen.key)?.position : undefined;
    if (position !== undefined && position > above) return position;
  }
  return Number.POSITIVE_INFINITY;
}

function judgeMissing({
  reader,
  gaps,
  missing,
}: {
  readonly reader: string;
  readonly gaps: readonly PlacedGap[];
  readonly missing: readonly LedgerEntry[];
}): Pick<ReaderVerdict, "lost" | "covered"> {
  const lost: Loss[] = [];
  const covered: Coverage[] = [];
  for (const entry of missing) {
    const { key } = entry;
    const naming = gaps.filter((gap) => gap.names(entry));
    const inTime = naming.find((gap) => entry.position > gap.receivedUpTo);
    if (inTime !== undefined) covered.push({ reader, key, gap: inTime.gap });
    else lost.push({ reader, key, isAnnouncedLate: naming.length > 0 });
  }
  return { lost, covered };
}

/** `missing` are the events that the reader was not given, those that its filter hides included. */
function findFalseGaps({
  reader,
  gaps,
  missing,
  times,
  ledger,
}: {
  readonly reader: string;
  readonly gaps: readonly PlacedGap[];
  readonly missing: readonly LedgerEntry[];
  readonly times: ReadonlyMap<EventKey, number>;
  readonly ledger: Ledger;
}): readonly FalseGap[] {
  const found: FalseGap[] = [];
  for (const { gap, names } of gaps) {
    const received = ledger
      .ordered()
      .filter((entry) => times.has(entry.key) && names(entry))
      .map(({ key }) => key);
    if (received.length > 0 || !missing.some(names)) found.push({ reader, gap, received });
  }
  return found;
}
