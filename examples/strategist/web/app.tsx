import { useState } from "react";
import { ThroughlineProvider } from "throughline/react";
import { type Campaign, useCampaign } from "./data/use-campaign.js";
import { useComparison } from "./data/use-comparison.js";
import { useFaults } from "./data/use-faults.js";
import { useFeed } from "./data/use-feed.js";
import type { FeedFilter } from "./model/feed.js";
import { AlertsPanel } from "./panels/alerts-panel.js";
import { AnalysisPanel } from "./panels/analysis-panel.js";
import { AppHeader } from "./panels/app-header.js";
import { ComparisonPanel } from "./panels/comparison-panel.js";
import { ConnectionPanel } from "./panels/connection-panel.js";
import { FaultPanel } from "./panels/fault-panel.js";
import { FeedPanel } from "./panels/feed-panel.js";
import { WardsPanel } from "./panels/wards-panel.js";

const WHOLE_CITY: FeedFilter = { ward: undefined, priority: "all" };

/** The page. */
export function App() {
  const state = useCampaign();
  if (state.kind === "ready") {
    return (
      <ThroughlineProvider>
        <Dashboard campaign={state.campaign} />
      </ThroughlineProvider>
    );
  }
  return (
    <main className="opening">
      <h1>Ward Room</h1>
      {state.kind === "loading" ? (
        <p>Opening the campaign.</p>
      ) : (
        <p role="alert">{state.message} Trying again.</p>
      )}
    </main>
  );
}

function Dashboard({ campaign }: { readonly campaign: Campaign }) {
  const [filter, setFilter] = useState(WHOLE_CITY);
  const faults = useFaults();
  const comparison = useComparison(faults.clockAheadMs);
  const { feed, connection, timeline, cursor } = useFeed(
    campaign.replayFrom,
    faults.clockAheadMs,
    comparison.noteThroughline,
  );
  const newest = feed.entries.find((entry) => entry.kind === "item");

  return (
    <>
      <a className="skip" href="#feed">
        Skip to the feed
      </a>
      <AppHeader
        campaign={campaign}
        filter={filter}
        onFilter={setFilter}
        campaignMs={newest?.item.happenedAtMs}
      />
      <p className="sample-note">
        This is a sample feed. The city, its parties and its people are invented; a campaign minute
        takes about a second.
      </p>
      <main className="layout">
        <div className="desk">
          <FeedPanel feed={feed} filter={filter} onClearFilter={() => setFilter(WHOLE_CITY)} />
          <AlertsPanel feed={feed} filter={filter} />
          <WardsPanel
            wards={campaign.wards}
            feed={feed}
            selected={filter.ward}
            onSelect={(ward) => setFilter({ ...filter, ward })}
          />
          <AnalysisPanel campaign={campaign} ward={filter.ward} />
        </div>
        <aside className="rail" aria-label="The connection under test">
          <FaultPanel faults={faults} />
          <ComparisonPanel handle={comparison} linkState={connection.state} faults={faults} />
          <ConnectionPanel
            connection={connection}
            timeline={timeline}
            cursor={cursor}
            comparison={comparison}
            faults={faults}
          />
        </aside>
      </main>
      <nav className="jumps" aria-label="Parts of the page">
        <a href="#feed">Feed</a>
        <a href="#alerts">Alerts</a>
        <a href="#wards">Wards</a>
        <a href="#analysis">Analysis</a>
        <a href="#faults">Break it</a>
      </nav>
    </>
  );
}
