import { useState } from "react";
import { ThroughlineProvider } from "throughline/react";
import { type Account, type Campaign, useCampaign } from "./data/use-campaign.js";
import { useComparison } from "./data/use-comparison.js";
import { useFaults } from "./data/use-faults.js";
import { useFeed } from "./data/use-feed.js";
import { type SessionHandle, useSession } from "./data/use-session.js";
import { linkFaultTexts, sourceFaultTexts } from "./model/fault.js";
import type { FeedFilter } from "./model/feed.js";
import { AlertsPanel } from "./panels/alerts-panel.js";
import { AnalysisPanel } from "./panels/analysis-panel.js";
import { AppHeader } from "./panels/app-header.js";
import { ComparisonPanel } from "./panels/comparison-panel.js";
import { ConnectionPanel } from "./panels/connection-panel.js";
import { FaultPanel } from "./panels/fault-panel.js";
import { FeedPanel } from "./panels/feed-panel.js";
import { LoginPage } from "./panels/login-page.js";
import { SessionBar } from "./panels/session-bar.js";
import { SourceRemark } from "./panels/source-remark.js";
import { WardsPanel } from "./panels/wards-panel.js";

const WHOLE_CITY: FeedFilter = { ward: undefined, priority: "all" };

/** The page. */
export function App() {
  const state = useCampaign();
  if (state.kind === "ready") {
    const { campaign } = state;
    return (
      <ThroughlineProvider>
        {campaign.account === undefined ? (
          <Dashboard campaign={campaign} session={undefined} />
        ) : (
          <GuardedDashboard campaign={campaign} account={campaign.account} />
        )}
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

/** The dashboard behind a login. It begins anew with each session. */
function GuardedDashboard(props: { readonly campaign: Campaign; readonly account: Account }) {
  const { campaign, account } = props;
  const session = useSession();
  return session.state.kind === "in" ? (
    <Dashboard campaign={campaign} session={session} />
  ) : (
    <LoginPage account={account} session={session} />
  );
}

function Dashboard(props: {
  readonly campaign: Campaign;
  /** `undefined`: nobody has to log in. */
  readonly session: SessionHandle | undefined;
}) {
  const { campaign, session } = props;
  const [filter, setFilter] = useState(WHOLE_CITY);
  const faults = useFaults("/demo/fault");
  const knownSourceFaults = useFaults(campaign.hasSource ? "/demo/source-fault" : undefined);
  const sourceFaults = campaign.hasSource ? knownSourceFaults : undefined;
  const comparison = useComparison(campaign, faults.clockAheadMs);
  const { feed, connection, timeline, cursor, source } = useFeed(
    campaign,
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
      <div className="notes">
        <p className="sample-note">
          This is a sample feed. The city, its parties and its people are invented; a campaign
          minute takes a second or two.
        </p>
        {connection.reason !== "unauthorized" && (
          <SourceRemark source={source} linkState={connection.state} />
        )}
        {session !== undefined && <SessionBar session={session} connection={connection} />}
      </div>
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
          <FaultPanel
            id="faults"
            title="Break it"
            intro="Both readers share one link. Break it, and watch the light and the count."
            thing="The link"
            texts={linkFaultTexts}
            faults={faults}
          />
          {sourceFaults !== undefined && (
            <FaultPanel
              id="source-faults"
              title="Break what is behind it"
              intro="The back end, or the way to it from the gateway. Throughline stays connected."
              thing="The back end"
              texts={sourceFaultTexts}
              faults={sourceFaults}
            />
          )}
          <ComparisonPanel
            handle={comparison}
            linkState={connection.state}
            faults={faults}
            sourceFaults={sourceFaults}
            hasGap={connection.gap?.reason === "upstream"}
            roadName={campaign.hasSource ? "through the gateway" : "on the hub"}
          />
          <ConnectionPanel
            connection={connection}
            timeline={timeline}
            cursor={cursor}
            source={source}
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
