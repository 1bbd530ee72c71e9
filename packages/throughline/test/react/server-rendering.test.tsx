import { renderToString } from "react-dom/server";
import {
  ConnectionStatus,
  ThroughlineProvider,
  useConnectionStatus,
  useEventReducer,
  useEventSource,
} from "throughline/react";
import { expect, test } from "vitest";
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
