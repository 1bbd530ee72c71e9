// The messages of the application's feed, as its existing back end words them: one JSON object per
// unnamed event. Two generations of that back end are in use, and both shapes appear.

import { isoAtMinute } from "./scenario/calendar.js";
import type { Ward } from "./scenario/city.js";
import type { ScenarioItem } from "./scenario/scenario.js";
import type { Emotion, Priority } from "./scenario/story.js";

/** An alert of the control room. */
export interface AlertMessage {
  readonly type: "alert";
  readonly data: {
    readonly id: number;
    readonly ward: string;
    readonly description: string;
    readonly severity: "Critical" | "High" | "Medium" | "Low";
    readonly created_at: string;
  };
}

/** A report, a post or a brief. The original leaves out the time and the category of a brief. */
export interface IntelligenceMessage {
  readonly type: "intelligence";
  readonly data: {
    /** `alert_<n>` for a report, `post_<n>` for a post, `brief_<n>` for a brief. */
    readonly id: string;
    readonly ward: string;
    readonly priority: Priority;
    readonly title: string;
    readonly content: string;
    readonly source: "database" | "posts" | "cache";
    readonly category?: string;
    readonly confidence?: number;
    readonly created_at: string;
    readonly emotion?: Emotion;
    readonly party?: string | null;
  };
}

/** A message without its envelope's time and connection. */
export type FeedMessage = AlertMessage | IntelligenceMessage;

/** One item, ready to be published. */
export interface FeedItem {
  /** Unique in the feed; what the ledger lists. Alerts have numbers of their own: `alert:<n>`. */
  readonly id: string;
  readonly ward: Ward;
  readonly priority: Priority;
  readonly message: FeedMessage;
}

/**
 * Builds a function that turns items of the story into messages. Each kind is numbered on its own,
 * from 1, as rows of different tables are.
 */
export function createMessageWriter(): (item: ScenarioItem) => FeedItem {
  const numbers = { alert: 0, report: 0, post: 0, brief: 0 };
  return (item) => {
    numbers[item.source] += 1;
    const message = writeMessage(item, numbers[item.source]);
    const id = message.type === "alert" ? `alert:${message.data.id}` : message.data.id;
    return { id, ward: item.ward, priority: item.priority, message };
  };
}

function writeMessage(item: ScenarioItem, number: number): FeedMessage {
  const created_at = isoAtMinute(item.minute);
  const { ward, priority, title, text: content, category } = item;
  const common = { ward: ward.name, priority, title, content };
  switch (item.source) {
    case "alert":
      return {
        type: "alert",
        data: {
          id: number,
          ward: ward.name,
          description: content,
          severity: severities[priority],
          created_at,
        },
      };
    case "report":
      return {
        type: "intelligence",
        data: { id: `alert_${number}`, ...common, source: "database", created_at, category },
      };
    case "post":
      return {
        type: "intelligence",
        data: {
          id: `post_${number}`,
          ...common,
          source: "posts",
          emotion: item.emotion ?? "Neutral",
          party: item.party ?? null,
          created_at,
          category: "social_media",
        },
      };
    case "brief":
      return {
        type: "intelligence",
        data: {
          id: `brief_${number}`,
          ...common,
          source: "cache",
          confidence: item.confidence ?? 0.5,
          created_at,
          category,
        },
      };
  }
}

const severities = { critical: "Critical", high: "High", medium: "Medium", low: "Low" } as const;
