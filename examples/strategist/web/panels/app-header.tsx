import { ConnectionStatus } from "throughline/react";
import { Brand } from "../charts/icons.js";
import type { Campaign } from "../data/use-campaign.js";
import type { FeedFilter, PriorityFilter } from "../model/feed.js";
import { cityClock, cityDate } from "../model/words.js";

const priorities: readonly { readonly value: PriorityFilter; readonly title: string }[] = [
  { value: "all", title: "All" },
  { value: "high", title: "High and critical" },
  { value: "critical", title: "Critical" },
];

/** Short enough for a phone's header. */
const lightWords = {
  stale: "Unsteady",
  reconnecting: "Reconnecting",
  reconnectingIn: (seconds: number) => `Retry in ${seconds} s`,
};

/** The head of the page: who it is for, what is shown, and whether it can be trusted. */
export function AppHeader(props: {
  readonly campaign: Campaign;
  readonly filter: FeedFilter;
  readonly onFilter: (filter: FeedFilter) => void;
  /** The newest moment on the campaign's clock. */
  readonly campaignMs: number | undefined;
}) {
  const { campaign, filter, onFilter, campaignMs } = props;
  return (
    <header className="app-header">
      <div className="brand">
        <Brand />
        <div>
          <h1>Ward Room</h1>
          <p>
            {campaign.party}, {campaign.city}
          </p>
        </div>
      </div>
      <p className="campaign-clock">
        {campaignMs === undefined ? (
          <span>Campaign clock not started</span>
        ) : (
          <>
            <strong>{cityClock(campaignMs)}</strong>
            <span>{cityDate(campaignMs)}</span>
          </>
        )}
      </p>
      <div className="filters">
        <label className="select">
          <span>Ward</span>
          <select
            value={filter.ward ?? ""}
            onChange={(event) => onFilter({ ...filter, ward: event.target.value || undefined })}
          >
            <option value="">Whole city</option>
            {campaign.wards.map((ward) => (
              <option key={ward.slug} value={ward.name}>
                {ward.number} · {ward.name}
              </option>
            ))}
          </select>
        </label>
        <fieldset className="segments">
          <legend className="visually-hidden">Priority</legend>
          {priorities.map(({ value, title }) => (
            <label key={value}>
              <input
                type="radio"
                name="priority"
                value={value}
                checked={filter.priority === value}
                onChange={() => onFilter({ ...filter, priority: value })}
              />
              <span>{title}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <ConnectionStatus className="light" words={lightWords} />
    </header>
  );
}
