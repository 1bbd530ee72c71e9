// Runs analyses of a ward and publishes their progress, in the messages of the application's
// analysis stream. There, a reconnect starts the work again; here the stream keeps what was said.

import { setTimeout as delay } from "node:timers/promises";
import type { FeedItem } from "./messages.js";
import type { StreamPublisher } from "./publisher.js";
import type { Ward } from "./scenario/city.js";
import { recommend } from "./scenario/recommendations.js";
import type { Emotion } from "./scenario/story.js";

/** How thorough an analysis is, which decides how long it takes. */
export type Depth = "quick" | "standard" | "deep";

/** Where to read an analysis that has been started. */
export interface StartedAnalysis {
  readonly stream: string;
  /** Its messages follow after this. */
  readonly cursor: string;
}

/** Starts analyses and watches the feed for what they need to know. */
export interface AnalysisDesk {
  /** Takes note of a published item. */
  observe(item: FeedItem): void;
  /**
   * Starts an analysis. Resolves with where its messages begin, or with `undefined`, and starts
   * nothing, while one of the same ward is running.
   */
  start(ward: Ward, depth: Depth): Promise<StartedAnalysis | undefined>;
  /** Abandons all running analyses. */
  stop(): void;
}

const SECONDS_PER_STEP: Readonly<Record<Depth, number>> = { quick: 1.5, standard: 3, deep: 5 };

/** Items of a ward that an analysis looks back on. */
const MEMORY = 60;

interface Step {
  readonly stage: string;
  readonly progress: number;
  readonly description: string;
}

const steps: readonly Step[] = [
  { stage: "data_collection", progress: 0.1, description: "Collecting reports and posts" },
  { stage: "data_collection", progress: 0.25, description: "Checking sources against each other" },
  { stage: "sentiment_analysis", progress: 0.4, description: "Reading the mood street by street" },
  { stage: "sentiment_analysis", progress: 0.55, description: "Comparing with the last two days" },
  { stage: "strategic_analysis", progress: 0.7, description: "Weighing rival moves" },
  { stage: "strategic_analysis", progress: 0.85, description: "Testing possible answers" },
  { stage: "report_generation", progress: 0.95, description: "Writing the brief" },
];

/** From this step on there is enough to say how sure the result is. */
const FIRST_SURE_STEP = 2;

/** The stream of a ward's analyses. */
function analysisStream(ward: Ward): string {
  return `analysis/${ward.slug}`;
}

/** Builds a desk with nothing running. `onError` hears of an analysis that failed. */
export function createAnalysisDesk(
  hub: StreamPublisher,
  onError: (error: unknown) => void,
): AnalysisDesk {
  const seen = new Map<string, FeedItem[]>();
  const running = new Map<string, AbortController>();

  async function say(ward: Ward, message: object): Promise<string> {
    const data = JSON.stringify({ ...message, timestamp: new Date().toISOString() });
    const { cursors } = await hub.publish(analysisStream(ward), { data });
    return cursors[0] ?? "latest";
  }

  async function run(ward: Ward, depth: Depth, signal: AbortSignal): Promise<void> {
    const startedMs = Date.now();
    const stepSeconds = SECONDS_PER_STEP[depth];
    for (const [index, step] of steps.entries()) {
      const eta = (steps.length - index) * stepSeconds;
      await say(ward, { type: "analysis-progress", ...step, eta });
      if (index >= FIRST_SURE_STEP) {
        const confidence = confidenceAt(index, seen.get(ward.slug) ?? []);
        await say(ward, { type: "confidence-update", ...confidence });
      }
      await delay(stepSeconds * 1000, undefined, { signal });
    }
    await say(ward, {
      type: "analysis-complete",
      ward: ward.name,
      analysis_result: summarise(ward, seen.get(ward.slug) ?? []),
      processing_time: Math.round((Date.now() - startedMs) / 100) / 10,
    });
  }

  return {
    observe(item) {
      const items = seen.get(item.ward.slug) ?? [];
      items.push(item);
      if (items.length > MEMORY) items.shift();
      seen.set(item.ward.slug, items);
    },

    async start(ward, depth) {
      if (running.has(ward.slug)) return undefined;
      const controller = new AbortController();
      const { signal } = controller;
      running.set(ward.slug, controller);
      const begun = say(ward, {
        type: "analysis-start",
        ward: ward.name,
        depth,
        estimated_duration: steps.length * SECONDS_PER_STEP[depth],
      });
      begun
        .then(() => run(ward, depth, signal))
        .catch((error) => {
          if (!signal.aborted) onError(error);
        })
        .finally(() => running.delete(ward.slug));
      return { stream: analysisStream(ward), cursor: await begun };
    },

    stop() {
      for (const controller of running.values()) controller.abort();
    },
  };
}

/** More material and later stages make the result surer. */
function confidenceAt(index: number, items: readonly FeedItem[]): object {
  const material = Math.min(1, items.length / MEMORY);
  const score = 0.45 + 0.25 * material + 0.04 * (index - FIRST_SURE_STEP);
  return {
    score: Math.round(score * 100) / 100,
    trend: index < steps.length - 2 ? "increasing" : "stable",
    reliability: score >= 0.7 ? "high" : "medium",
  };
}

function summarise(ward: Ward, items: readonly FeedItem[]): object {
  const scores: number[] = [];
  const counts = new Map<string, number>();
  for (const { message } of items) {
    if (message.type === "alert") continue;
    const { emotion, category = "other" } = message.data;
    if (emotion !== undefined) scores.push(emotionScores[emotion]);
    else counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  const issues = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([category, count]) => ({ category, count }));
  return {
    sentiment_score: Math.round(mean * 100) / 100,
    items_considered: items.length,
    key_issues: issues,
    ...recommend(ward, mean, issues[0]?.category),
  };
}

const emotionScores: Readonly<Record<Emotion, number>> = {
  Anger: -1,
  Frustration: -0.6,
  Concern: -0.35,
  Neutral: 0,
  Hopeful: 0.5,
  Joy: 0.8,
  Pride: 0.9,
};
