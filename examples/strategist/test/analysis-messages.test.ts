import { expect, test } from "vitest";
import { beginAnalysis, isOver, readAnalysisMessage } from "../web/model/analysis.js";

const start = beginAnalysis("Canal Bank");
const read = (...messages: readonly object[]) =>
  messages.reduce(
    (analysis: typeof start, message) => readAnalysisMessage(analysis, JSON.stringify(message)),
    start,
  );

test("progress moves stage, share, words and remaining time", () => {
  const analysis = read({
    type: "analysis-progress",
    stage: "sentiment_analysis",
    progress: 0.4,
    description: "Reading the mood",
    eta: 12,
  });
  expect(analysis).toMatchObject({
    stage: "sentiment_analysis",
    progress: 0.4,
    description: "Reading the mood",
    etaSeconds: 12,
  });
  expect(isOver(analysis)).toBe(false);
});

test("confidence keeps its earlier scores", () => {
  const { confidence } = read(
    { type: "confidence-update", score: 0.6, trend: "increasing", reliability: "medium" },
    { type: "confidence-update", score: 0.7, trend: "stable", reliability: "high" },
  );
  expect(confidence).toEqual({
    score: 0.7,
    trend: "stable",
    reliability: "high",
    history: [0.6, 0.7],
  });
});

test("the result ends the analysis", () => {
  const analysis = read({
    type: "analysis-complete",
    ward: "Canal Bank",
    processing_time: 21.4,
    analysis_result: {
      summary: "Impatient.",
      recommendations: ["Listen.", 3],
      key_issues: [{ category: "water", count: 4 }, "?"],
      items_considered: 60,
    },
  });
  expect(analysis.result).toEqual({
    summary: "Impatient.",
    recommendations: ["Listen."],
    issues: [{ category: "water", count: 4 }],
    itemsConsidered: 60,
    heard: [],
    seconds: 21.4,
  });
  expect(analysis.progress).toBe(1);
  expect(isOver(analysis)).toBe(true);
});

test("the result of the Flask back end has other names for the same", () => {
  const { result } = read({
    type: "analysis-complete",
    processing_time: 14.02389,
    analysis_result: {
      strategic_overview: "Impatient.",
      key_intelligence: ["Heat at the queue"],
      recommended_actions: ["Listen."],
      confidence_score: 0.9,
    },
  });
  expect(result).toMatchObject({
    summary: "Impatient.",
    recommendations: ["Listen."],
    heard: ["Heat at the queue"],
    seconds: 14,
  });
});

test("a failure of the stream itself ends it as well", () => {
  expect(isOver(read({ type: "stream-error", error: "The stream failed" }))).toBe(true);
});

test("a failure ends it too, with a sentence", () => {
  const analysis = read({ type: "analysis-error", error: "The model is not available." });
  expect(analysis.error).toBe("The model is not available.");
  expect(isOver(analysis)).toBe(true);
});

test("messages of other kinds and broken ones change nothing", () => {
  expect(read({ type: "heartbeat" }, { type: "connection" })).toBe(start);
  expect(readAnalysisMessage(start, '{"type":"analysis-pro')).toBe(start);
});
