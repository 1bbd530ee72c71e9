import { renderToString } from "react-dom/server";
import {
  ConnectionStatus,
  ThroughlineProvider,
  useConnectionStatus,
  useEventReducer,
  useEventSource,
} from "throughline/react";
import { ConnectionHistory } from "throughline/react/history";
import { shareEventSource } from "throughline/react/shared";
import { useSnapshotReducer } from "throughline/react/snapshot";
import { expect, test, vi } from "vitest";
import { createFakeFetch } from "./fake-fetch.js";
import { FEED } from "./stage.js";

function Page() {
  const feed = useEventSource(FEED);
  const { state, connection } = useEventReducer(FEED, () => "an event", "none");
  const { sources } = useConnectionStatus();
  return (
    <p>
      {[feed.connection.state, feed.lastEventId, state, connection.state, sources].join(" / ")}
      <ConnectionStatus label="Feed" />
    </p>
  );
}

test("on the server everything is idle, and nothing is requested", async () => {
  const server = createFakeFetch();
  const page = (
    <ThroughlineProvider options={{ fetch: server.fetch }}>
      <Page />
    </ThroughlineProvider>
  );
  const html = renderToString(page);
  await Promise.resolve();
  expect(html).toContain("idle /  / none / idle / 0");
  expect(html).toContain("Not connected");
  expect(renderToString(page)).toBe(html);
  expect(server.requests).toHaveLength(0);
});

test("neither do shared sources request anything there, nor snapshots", async () => {
  const server = createFakeFetch();
  const loadSnapshot = vi.fn();
  function Rows() {
    const options = { loadSnapshot, startsWithSnapshot: true };
    const { state, behind } = useSnapshotReducer(FEED, () => "an event", "none", options);
    return <p>{`${state} ${behind?.cause}`}</p>;
  }
  const html = renderToString(
    <ThroughlineProvider options={{ EventSource: shareEventSource(), fetch: server.fetch }}>
      <Rows />
      <ConnectionHistory />
    </ThroughlineProvider>,
  );
  await Promise.resolve();
  expect(html).toContain("none start");
  expect(html).toContain("No drops so far.");
  expect(server.requests).toHaveLength(0);
  expect(loadSnapshot).not.toHaveBeenCalled();
});
