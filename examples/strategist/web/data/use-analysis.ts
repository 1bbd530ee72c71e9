import { useCallback, useState } from "react";
import { useEventSource } from "throughline/react";
import { type Analysis, beginAnalysis, isOver, readAnalysisMessage } from "../model/analysis.js";
import { textAt } from "../model/wire.js";
import { postJson } from "./fetch-json.js";
import type { Campaign } from "./use-campaign.js";

/** How thorough an analysis is. */
export type Depth = "quick" | "standard" | "deep";

/** The analysis desk, as one panel sees it. */
export interface AnalysisHandle {
  /** The newest analysis; `undefined` before the first. */
  readonly analysis: Analysis | undefined;
  readonly isRunning: boolean;
  /** Why the last one could not be started. */
  readonly error: string | undefined;
  run(ward: string, depth: Depth): void;
}

interface Started {
  readonly url: string;
  /** `undefined`: from the beginning. */
  readonly cursor: string | undefined;
}

/**
 * Starts analyses and follows them. The stream is open only while one is running: browsers allow
 * few connections to one server.
 *
 * @param road `Campaign.analysis`: the stream that is an analysis for whoever opens it, if there is one
 */
export function useAnalysis(road: Campaign["analysis"]): AnalysisHandle {
  const [started, setStarted] = useState<Started>();
  const [analysis, setAnalysis] = useState<Analysis>();
  const [error, setError] = useState<string>();
  const [isAsking, setIsAsking] = useState(false);
  const isFollowing = started !== undefined && analysis !== undefined && !isOver(analysis);

  const onMessage = useCallback((event: MessageEvent<string>) => {
    setAnalysis((before) => before && readAnalysisMessage(before, event.data));
  }, []);
  useEventSource(isFollowing ? started.url : null, {
    lastEventId: started?.cursor,
    onMessage,
  });

  const run = useCallback(
    (ward: string, depth: Depth) => {
      const follow = (url: string, cursor: string | undefined) => {
        setError(undefined);
        setAnalysis(beginAnalysis(ward));
        setStarted({ url, cursor });
      };
      const start = async () => {
        setIsAsking(true);
        const answer = await postJson("/api/v1/strategist/analyze", { ward, depth });
        setIsAsking(false);
        const stream = answer.kind === "ok" ? textAt(answer.json, "stream") : undefined;
        const cursor = answer.kind === "ok" ? textAt(answer.json, "cursor") : undefined;
        if (stream === undefined || cursor === undefined) {
          setError(answer.kind === "failed" ? answer.message : "The answer makes no sense.");
          return;
        }
        follow(`/live/streams/${stream}`, cursor);
      };
      if (road === undefined) void start();
      else follow(`${road}${encodeURIComponent(ward)}?depth=${depth}`, undefined);
    },
    [road],
  );

  return { analysis, isRunning: isAsking || isFollowing, error, run };
}
