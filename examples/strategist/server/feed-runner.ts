// Lets the story happen, at its own pace.

import type { FeedItem } from "./messages.js";
import type { PublishItem } from "./publisher.js";
import type { Scenario, ScenarioItem } from "./scenario/scenario.js";

/** A running story. */
export interface FeedRunner {
  /** Ends it; what is being published is still published. */
  stop(): void;
}

/** What the runner needs. */
export interface FeedRunnerOptions {
  readonly scenario: Scenario;
  readonly write: (item: ScenarioItem) => FeedItem;
  readonly publish: PublishItem;
  /** Items told before the first pause, so that a page finds a history. */
  readonly headStart: number;
  /** Called once when publishing fails; the runner has stopped then. */
  readonly onError: (error: unknown) => void;
}

/** Publishes the head start and returns once it is out; the rest follows item by item. */
export async function startFeed(options: FeedRunnerOptions): Promise<FeedRunner> {
  const { scenario, write, publish, headStart, onError } = options;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function tell(): Promise<number> {
    const item = scenario.next();
    await publish(write(item));
    return item.pauseMs;
  }

  function goOnAfter(pauseMs: number): void {
    if (isStopped) return;
    timer = setTimeout(() => tell().then(goOnAfter, onError), pauseMs);
  }

  for (let told = 0; told < headStart; told += 1) await tell();
  goOnAfter(0);
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
