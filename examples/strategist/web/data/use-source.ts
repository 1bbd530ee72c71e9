import { useEffect, useState } from "react";
import type { ConnectionSnapshot } from "throughline/react";
import { readSource, type SourceState } from "../model/source.js";
import { noteState, type Timeline } from "../model/state-timeline.js";
import { reasonText } from "../model/words.js";

/** What fills the feed, as the server of the feed sees it. */
export interface SourceHandle {
  /** Empty where the server says nothing of it. */
  readonly timeline: Timeline<SourceState>;
  /** Why it is silent, or was the last time, in words; empty before that. */
  readonly reason: string;
}

/** Follows what the connection is told of its source. */
export function useSource(connection: ConnectionSnapshot): SourceHandle {
  const [timeline, setTimeline] = useState<Timeline<SourceState>>([]);
  const [silenceReason, setSilenceReason] = useState("");
  const { state, reason } = readSource(connection) ?? {};
  useEffect(() => {
    if (state === undefined) return;
    setTimeline((before) => noteState(before, state, Date.now()));
    if (state === "silent") setSilenceReason(reasonText(reason ?? ""));
  }, [state, reason]);
  return { timeline, reason: silenceReason };
}
