// The campaign week as rows of the back end's database, and as entries of the ledger.

import type { Control, RowToInsert } from "../backend/launcher/control.js";
import { type Feeder, rowOf, startFeeder } from "../backend/launcher/feeder.js";
import type { Ledger } from "../server/ledger.js";
import { isoAtMinute } from "../server/scenario/calendar.js";
import type { Scenario, ScenarioItem } from "../server/scenario/scenario.js";

/** What the story needs. */
export interface StoryOptions {
  readonly scenario: Scenario;
  readonly control: Pick<Control, "insertRows" | "rowCount">;
  readonly ledger: Ledger;
  /** Called once when a row cannot be written; the story has stopped then. */
  readonly onError: (error: unknown) => void;
}

/** Rows that a new database begins with. */
const HEAD_START = 60;

/**
 * The back end shows its five newest alerts and three newest posts every second, and what is pushed
 * out of these it never shows. Told at the pace of the simulated feed, half of the story would be lost
 * before anybody could have read it.
 */
const SLOWER = 2.5;
const LEAST_PAUSE_MS = 1000;

/**
 * Tells the story from where the database has it. Every row is in the ledger from the moment at which
 * it is committed.
 */
export async function startStory(options: StoryOptions): Promise<Feeder> {
  const { scenario, control, ledger, onError } = options;
  const toldBefore = await control.rowCount();
  for (let told = 0; told < toldBefore; told += 1) nextRow(scenario);
  return startFeeder({
    scenario: { next: () => nextRow(scenario) },
    row: (item) => ({ ...rowOf(item), created_at: isoAtMinute(item.minute) }),
    control: {
      insertRows: async (rows) => {
        const inserted = await control.insertRows(rows);
        const atMs = Math.round(inserted.committedMs);
        for (const [index, { kind }] of rows.entries()) {
          ledger.add({ id: idOf(kind, inserted.ids[index]), atMs, cursor: "" });
        }
        return inserted;
      },
    },
    headStart: Math.max(0, HEAD_START - toldBefore),
    onError,
  });
}

/**
 * The next item that becomes a row. Briefs come from a cache that nothing fills in the application
 * as it is deployed.
 */
function nextRow(scenario: Scenario): ScenarioItem {
  let item = scenario.next();
  while (item.source === "brief") item = scenario.next();
  return { ...item, pauseMs: Math.max(LEAST_PAUSE_MS, item.pauseMs * SLOWER) };
}

/** As the enhanced feed numbers its items. */
function idOf(kind: RowToInsert["kind"], number: number | undefined): string {
  return `${kind}_${number}`;
}
