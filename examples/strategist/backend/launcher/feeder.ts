// Lets the campaign week happen in the database, while the application reads it.

import type { Scenario, ScenarioItem } from "../../server/scenario/scenario.js";
import type { Control, RowToInsert } from "./control.js";

/** A story that goes on. */
export interface Feeder {
  /** Ends it; resolves when nothing is written any more. */
  stop(): Promise<void>;
}

/** What a feeder needs. */
export interface FeederOptions {
  readonly scenario: Scenario;
  /** Makes rows of items. Default: `rowOf`, by which everything happens when it is written. */
  readonly row?: ((item: ScenarioItem) => RowToInsert) | undefined;
  readonly control: Pick<Control, "insertRows">;
  /** Rows that are written at once, so that a reader finds a history. */
  readonly headStart: number;
  /** Called once when a row cannot be written; the feeder has stopped then. */
  readonly onError: (error: unknown) => void;
}

/** Writes the head start and returns once it is committed; the rest follows row by row. */
export async function startFeeder(options: FeederOptions): Promise<Feeder> {
  const { scenario, row = rowOf, control, headStart, onError } = options;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let writing: Promise<void> = Promise.resolve();

  function goOnAfter(pauseMs: number): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      const item = scenario.next();
      writing = control.insertRows([row(item)]).then(() => goOnAfter(item.pauseMs), onError);
    }, pauseMs);
  }

  const before = Array.from({ length: headStart }, () => row(scenario.next()));
  if (before.length > 0) await control.insertRows(before);
  goOnAfter(0);
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await writing;
    },
  };
}

/** An item of the story as a row. Reports are alerts to this database, as in the original. */
export function rowOf(item: ScenarioItem): RowToInsert {
  const { title, text, category, priority } = item;
  const ward = item.ward.name;
  switch (item.source) {
    case "alert":
    case "report":
      return {
        kind: "alert",
        ward,
        title,
        description: text,
        category,
        severity: severities[priority],
      };
    case "post": {
      const { emotion, party = null } = item;
      return { kind: "post", ward, content: text, emotion, party, drivers: [category] };
    }
    case "brief":
      return { kind: "brief", ward, title, content: text, priority, confidence: item.confidence };
  }
}

const severities = { critical: "Critical", high: "High", medium: "Medium", low: "Low" } as const;
