// The analysis of a ward, from its stream of messages.

import { asRecord, type Json, numberAt, parseRecord, textAt } from "./wire.js";

/** How sure the analysis is of itself. */
export interface Confidence {
  /** 0 to 1. */
  readonly score: number;
  readonly trend: "increasing" | "stable";
  readonly reliability: string;
  /** Earlier scores, oldest first. */
  readonly history: readonly number[];
}

/** What an analysis found. */
export interface AnalysisResult {
  readonly summary: string;
  readonly recommendations: readonly string[];
  readonly issues: readonly { readonly category: string; readonly count: number }[];
  readonly itemsConsidered: number;
  /** Titles of what it rests on, where the back end names them. */
  readonly heard: readonly string[];
  readonly seconds: number;
}

/** An analysis under way or done. */
export interface Analysis {
  readonly ward: string;
  /** The stage it is in, as the server names it. */
  readonly stage: string | undefined;
  /** 0 to 1. */
  readonly progress: number;
  readonly description: string;
  readonly etaSeconds: number | undefined;
  readonly confidence: Confidence | undefined;
  readonly result: AnalysisResult | undefined;
  /** Set where it failed. */
  readonly error: string | undefined;
}

/** The stages in their order, with the page's words for them. */
export const stages: readonly { readonly stage: string; readonly title: string }[] = [
  { stage: "data_collection", title: "Collect" },
  { stage: "sentiment_analysis", title: "Mood" },
  { stage: "strategic_analysis", title: "Strategy" },
  { stage: "report_generation", title: "Brief" },
];

/** An analysis that has just been asked for. */
export function beginAnalysis(ward: string): Analysis {
  return {
    ward,
    stage: undefined,
    progress: 0,
    description: "Waiting for the analysis desk",
    etaSeconds: undefined,
    confidence: undefined,
    result: undefined,
    error: undefined,
  };
}

/** One message further. What is not understood changes nothing. */
export function readAnalysisMessage(analysis: Analysis, data: string): Analysis {
  const message = parseRecord(data);
  if (message === undefined) return analysis;
  switch (message["type"]) {
    case "analysis-progress":
      return {
        ...analysis,
        stage: textAt(message, "stage") ?? analysis.stage,
        progress: numberAt(message, "progress") ?? analysis.progress,
        description: textAt(message, "description") ?? analysis.description,
        etaSeconds: numberAt(message, "eta"),
      };
    case "confidence-update":
      return { ...analysis, confidence: readConfidence(message, analysis.confidence) };
    case "analysis-complete":
      return { ...analysis, progress: 1, etaSeconds: 0, result: readResult(message) };
    case "analysis-error":
    case "stream-error":
      return { ...analysis, error: textAt(message, "error") ?? "The analysis failed." };
    default:
      return analysis;
  }
}

/** Whether nothing more will come. */
export function isOver(analysis: Analysis): boolean {
  return analysis.result !== undefined || analysis.error !== undefined;
}

function readConfidence(message: Json, before: Confidence | undefined): Confidence | undefined {
  const score = numberAt(message, "score");
  if (score === undefined) return before;
  return {
    score,
    trend: message["trend"] === "increasing" ? "increasing" : "stable",
    reliability: textAt(message, "reliability") ?? "medium",
    history: [...(before?.history ?? []), score],
  };
}

function readResult(message: Json): AnalysisResult {
  const result = asRecord(message["analysis_result"]) ?? {};
  return {
    // The second name is that of the Flask back end, here and below.
    summary: textAt(result, "summary") ?? textAt(result, "strategic_overview") ?? "",
    recommendations: [
      ...textsAt(result, "recommendations"),
      ...textsAt(result, "recommended_actions"),
    ],
    issues: listAt(result, "key_issues").flatMap((value) => {
      const issue = asRecord(value) ?? {};
      const category = textAt(issue, "category");
      return category === undefined ? [] : [{ category, count: numberAt(issue, "count") ?? 0 }];
    }),
    itemsConsidered: numberAt(result, "items_considered") ?? 0,
    heard: textsAt(result, "key_intelligence"),
    seconds: Math.round((numberAt(message, "processing_time") ?? 0) * 10) / 10,
  };
}

function textsAt(record: Json, name: string): readonly string[] {
  return listAt(record, name).filter((text) => typeof text === "string");
}

function listAt(record: Json, name: string): readonly unknown[] {
  const value = record[name];
  return Array.isArray(value) ? value : [];
}
