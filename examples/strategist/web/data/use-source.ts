import { useEffect, useState } from "react";
import type { ConnectionSnapshot } from "throughline/react";
import { readSource, type SourceState } from "../model/source.js";
import { noteState, type Timeline } from "../model/state-timeline.js";
import { reasonText } from "../model/words.js";

/** What fills the feed, as the server of the feed sees it. */
export interface SourceHandle {
  /** Empty where the server knows nothing of it. */
  readonly timeline: Timeline<SourceState>;
  /** Why it is silent, or was the last time, in words; empty before that. */
  readonly reason: string;
}

/** A server says again what is so when a reader connects; one that does not has nothing to tell. */
const SAID_WITHIN_MS = 500;

/**
 * Follows what the connection is told of its source.
 *
 * @param hasSource whether the server tells of one; while it says nothing, all is well with it
 */
export function useSource(connection: ConnectionSnapshot, hasSource: boolean): SourceHandle {
  const [timeline, setTimeline] = useState<Timeline<SourceState>>([]);
  const [silenceReason, setSilenceReason] = useState("");
  const isLive = connection.state === "live";
  const { state, reason } = readSource(connection) ?? {};
  useEffect(() => {
    if (!hasSource) return;
    const note = (now: SourceState) => setTimeline((before) => noteState(before, now, Date.now()));
    if (state === "silent") setSilenceReason(reasonText(reason ?? ""));
    if (state !== undefined) note(state);
    if (state !== undefined || !isLive) return;
    const timer = setTimeout(() => note("heard"), SAID_WITHIN_MS);
    return () => clearTimeout(timer);
  }, [hasSource, isLive, state, reason]);
  return { timeline, reason: silenceReason };
}
