// The script of a tab: one source over the shared connection, and a list of what it was handed.

import { EventSource } from "throughline";
import { shareTabs } from "throughline/tabs";

const asked = new URLSearchParams(location.search);
const stream = `/streams/news?${new URLSearchParams({ topics: asked.get("topics") ?? "**" })}`;
const source = new EventSource(stream, {
  fetch: shareTabs({
    owner: asked.get("owner") ?? "",
    topics: asked.get("share")?.split(","),
  }),
});
const seen: string[] = [];
const gaps: unknown[] = [];
source.onmessage = ({ data }) => seen.push(data);
source.connection.subscribe(({ gap }) => {
  if (gap !== undefined && gaps.at(-1) !== gap) gaps.push(gap);
});
/** How often the page has come back from the back-forward cache. */
let comebacks = 0;
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) comebacks += 1;
});
/** What the tab has seen, as JSON can carry it. */
const report = () => ({
  seen: [...seen],
  gaps: gaps.length,
  comebacks,
  breaks: source.connection.snapshot.incidents.filter(({ reason }) => reason === "network").length,
});
Object.assign(globalThis, { source, seen, gaps, report });
