// What a tab asks for where tabs with other topics share its connection, and what it takes of what comes.

import {
  coversAll,
  isTopicPattern,
  matchesPattern,
  StreamError,
  TELL_PARAMETER,
  TELL_TOPICS,
  TOPICS_PARAMETER,
} from "../core/index.js";

/** @throws StreamError `invalid-option` where these are not patterns of topics */
export function checkTopics(topics: readonly string[] | undefined): void {
  if (topics === undefined) return;
  if (Array.isArray(topics) && topics.length > 0 && topics.every(isTopicPattern)) return;
  throw new StreamError(
    `topics: expected a list of patterns such as "ward/**", but it is ${JSON.stringify(topics)}. ` +
      "Name what the tabs read together, or leave the option out.",
    { code: "invalid-option", fault: "local" },
  );
}

/** The URL that asks for all common topics, each event with its own; `undefined` where it would not cover `url`. */
export function widened(url: string, topics: readonly string[] = []): string | undefined {
  const own = patternsOf(url);
  // Whoever names no topics wants also what has none, and nothing covers that.
  if (!own.every(isTopicPattern) || !coversAll(topics, own)) return undefined;
  const wide = new URL(url);
  wide.searchParams.set(TOPICS_PARAMETER, topics.join(","));
  wide.searchParams.set(TELL_PARAMETER, TELL_TOPICS);
  return wide.href;
}

/** What one tab takes of a connection that brings more. */
export class TopicView {
  /** What it would ask for alone. */
  readonly url: string;
  readonly #patterns: readonly string[];

  constructor(url: string) {
    this.url = url;
    this.#patterns = patternsOf(url);
  }

  /** Whether a block is for this tab. What has no topic is not an event, and for all. */
  shows(topic: string | undefined): boolean {
    return topic === undefined || this.#patterns.some((pattern) => matchesPattern(pattern, topic));
  }
}

/** The patterns that a URL asks for; where it asks for none, the empty text, which is none. */
function patternsOf(url: string): readonly string[] {
  const values = new URL(url).searchParams.getAll(TOPICS_PARAMETER);
  return values.join(",").split(",");
}
