// The analysis stream (§3.3), the agents stream (§3.5) and the compatibility feed (§3.6).

import { epochSeconds, isoUtc, pythonFloat, pythonJson } from "./python-json.js";
import { event, type Now, pause, raw, type Step } from "./steps.js";

const stages = [
  ["data_collection", 0.1],
  ["data_collection", 0.25],
  ["sentiment_analysis", 0.4],
  ["sentiment_analysis", 0.55],
  ["strategic_analysis", 0.7],
  ["strategic_analysis", 0.85],
  ["report_generation", 1],
] as const;

const spacingMs = { quick: 2000, standard: 4000, deep: 6000 } as const;

/** One connection of the analysis stream: a whole analysis, then heartbeats for ever. */
export function* analysisStream(ward: string, query: URLSearchParams, now: Now): Generator<Step> {
  const depth = depthOf(query.get("depth"));
  const asked = query.get("context");
  const context = asked === "defensive" || asked === "offensive" ? asked : "neutral";
  const hasProgress = query.get("include_progress") !== "false";
  const hasConfidence = query.get("include_confidence") !== "false";
  const startedMs = now();
  const totalMs = spacingMs[depth] * stages.length;

  const connection = { type: "connection", status: "connected", ward, depth, context };
  yield event({ ...connection, timestamp: isoUtc(now()) });
  yield event({
    type: "analysis-start",
    ward,
    depth,
    estimated_duration: totalMs / 1000,
    timestamp: isoUtc(now()),
  });
  for (const [index, [stage, progress]] of stages.entries()) {
    if (hasProgress) {
      yield event({
        type: "analysis-progress",
        stage,
        progress: pythonFloat(progress),
        description: `Step ${index + 1} of ${stages.length}`,
        eta: ((stages.length - 1 - index) * spacingMs[depth]) / 1000,
        timestamp: isoUtc(now()),
      });
    }
    if (hasConfidence && index >= 2) {
      yield event({
        type: "confidence-update",
        score: pythonFloat(0.6 + index * 0.05),
        trend: index % 2 === 0 ? "increasing" : "stable",
        reliability: index >= 5 ? "high" : "medium",
        timestamp: isoUtc(now()),
      });
    }
    yield pause(spacingMs[depth]);
  }
  yield event({
    type: "analysis-complete",
    ward,
    analysis_result: { summary: `Outlook for ${ward}`, confidence: pythonFloat(0.9) },
    processing_time: pythonFloat((now() - startedMs) / 1000),
    timestamp: isoUtc(now()),
  });
  while (true) {
    const time = isoUtc(now());
    yield event({ type: "heartbeat", timestamp: time, ward, server_time: time });
    yield pause(30_000);
  }
}

function depthOf(depth: string | null): keyof typeof spacingMs {
  return depth === "quick" || depth === "deep" ? depth : "standard";
}

/**
 * One connection of the agents stream as deployed: the text of the exception is put into the JSON
 * as it is, and its line breaks tear the frame apart (defect D13).
 */
export function* agentsStream(ward: string, now: Now): Generator<Step> {
  yield event({ status: "starting", ward, timestamp: isoUtc(now()) });
  const text =
    "Working outside of request context.\n\nThis typically means that you attempted to use" +
    " functionality that needed\nan active HTTP request.";
  yield raw(`data: {"status": "error", "error": "${text}"}\n\n`);
}

/** One connection of the compatibility feed: three fallback items, then `close`. */
export function* compatFeed(ward: string, query: URLSearchParams, now: Now): Generator<Step> {
  yield event({ type: "connection", status: "connected", ward, timestamp: epochSeconds(now()) });
  for (const number of [1, 2, 3]) {
    yield event({
      type: "intelligence",
      data: {
        id: `fallback_${number}`,
        ward,
        priority: query.get("priority") ?? "all",
        message: `Fallback item ${number}`,
        timestamp: epochSeconds(now()),
        source: "fallback",
        content: `Monitoring of ${ward} goes on`,
        severity: "medium",
      },
    });
    yield pause(1000);
  }
  yield event({ type: "close", reason: "feed_complete", timestamp: epochSeconds(now()) });
}

/** The report that answers `/strategist/<ward>`, and so also the "ward" called `stream` (§3.7). */
export function wardReport(ward: string, now: Now): string {
  return pythonJson({ ward, briefing: `Outlook for ${ward}`, generated_at: isoUtc(now()) });
}
