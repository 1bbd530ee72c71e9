import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import {
  type Arrival,
  type Comparison,
  EMPTY_COMPARISON,
  type LedgerEntry,
  type Pace,
  stepComparison,
} from "../model/comparison.js";
import { noteState, type Timeline } from "../model/state-timeline.js";
import { asRecord, type FeedItem, numberAt, parseFeedMessage, textAt } from "../model/wire.js";
import { getJson } from "./fetch-json.js";
import { useBatch } from "./use-batch.js";
import type { Campaign } from "./use-campaign.js";
import { type NativeState, useNativeFeed } from "./use-native-feed.js";

/** The count of both readers, and the native reader itself. */
export interface ComparisonHandle {
  readonly comparison: Comparison;
  readonly pace: Pace;
  readonly nativeState: NativeState;
  readonly nativeTimeline: Timeline<NativeState>;
  /** Tells of an item that Throughline delivered. Never changes. */
  noteThroughline(item: FeedItem): void;
  /** Counts anew, with a new native source. */
  restart(): void;
}

const BATCH_MS = 200;
const POLL_MS = 1000;

/**
 * Runs the native reader, follows the ledger, and counts.
 *
 * @param todaysFeed the whole city at every priority: what the feed over Throughline carries too
 * @param clockAheadMs what the server's clock is ahead of this machine's
 */
export function useComparison(
  { todaysFeed, pace }: Pick<Campaign, "todaysFeed" | "pace">,
  clockAheadMs: number,
): ComparisonHandle {
  const [comparison, dispatch] = useReducer(stepComparison, EMPTY_COMPARISON);
  const [run, setRun] = useState(0);
  const [nativeTimeline, setNativeTimeline] = useState<Timeline<NativeState>>([]);
  const clockAhead = useRef(clockAheadMs);
  useEffect(() => {
    clockAhead.current = clockAheadMs;
  }, [clockAheadMs]);

  const pushNative = useBatch<Arrival>(
    (arrivals) => dispatch({ kind: "arrived", side: "native", arrivals }),
    BATCH_MS,
  );
  const pushThroughline = useBatch<Arrival>(
    (arrivals) => dispatch({ kind: "arrived", side: "throughline", arrivals }),
    BATCH_MS,
  );

  const noteNative = useCallback(
    (data: string) => {
      const message = parseFeedMessage(data);
      if (message.kind === "connection") dispatch({ kind: "greeted", atMs: message.atMs });
      if (message.kind === "item") pushNative(arrivalOf(message.item, clockAhead.current));
    },
    [pushNative],
  );
  const noteThroughline = useCallback(
    (item: FeedItem) => pushThroughline(arrivalOf(item, clockAhead.current)),
    [pushThroughline],
  );
  const noteNativeState = useCallback((state: NativeState) => {
    setNativeTimeline((timeline) => noteState(timeline, state, Date.now()));
  }, []);
  const nativeState = useNativeFeed(todaysFeed, run, noteNative, noteNativeState);

  const publish = useCallback((entries: readonly LedgerEntry[]) => {
    dispatch({ kind: "published", entries });
  }, []);
  useLedger(comparison.sinceMs, publish);

  const restart = useCallback(() => {
    dispatch({ kind: "restarted" });
    setRun((before) => before + 1);
  }, []);
  return { comparison, pace, nativeState, nativeTimeline, noteThroughline, restart };
}

function arrivalOf(item: FeedItem, clockAheadMs: number): Arrival {
  return { id: item.id, publishedAtMs: item.publishedAtMs, atMs: Date.now() + clockAheadMs };
}

/** Follows the ledger from a moment on; does nothing while there is none. */
function useLedger(
  sinceMs: number | undefined,
  onEntries: (entries: readonly LedgerEntry[]) => void,
): void {
  useEffect(() => {
    if (sinceMs === undefined) return;
    const controller = new AbortController();
    let nextMs = sinceMs;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const poll = async () => {
      const answer = await getJson(`/demo/ledger?since=${nextMs}`, controller.signal);
      const entries = answer.kind === "ok" ? readEntries(answer.json["entries"]) : [];
      // The last millisecond is asked for again: more may have been published in it.
      nextMs = entries.at(-1)?.atMs ?? nextMs;
      onEntries(entries);
      timer = setTimeout(() => void poll().catch(ignoreAbort), POLL_MS);
    };
    void poll().catch(ignoreAbort);
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [sinceMs, onEntries]);
}

/** Leaving the page in the middle of a request is no failure. */
function ignoreAbort(error: unknown): void {
  if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
}

function readEntries(value: unknown): LedgerEntry[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((candidate) => {
    const json = asRecord(candidate) ?? {};
    const seq = numberAt(json, "seq");
    const id = textAt(json, "id");
    const atMs = numberAt(json, "atMs");
    return seq === undefined || id === undefined || atMs === undefined ? [] : [{ seq, id, atMs }];
  });
}
