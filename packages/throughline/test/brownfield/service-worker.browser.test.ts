// The application's service worker between the page and its streams (D17).

import { expect } from "vitest";
import { type BrowserStages, createBrowserStages } from "./browser-stage.js";
import { describePlay, type Story } from "./play.js";
import { wireData } from "./scenarios/kinds.js";
import { alertRow } from "./scenarios/lifecycle.js";
import { until, wait } from "./stage.js";

// Set before any story begins.
let stages: BrowserStages;

describePlay({
  groups: {
    "a worker that caches streams, while nobody can be reached": [
      story("native", false, "an old stream is served as if it were live"),
      story("throughline", false, "the same over the drop-in, which cannot know"),
      story("native", true, "a stream over the gateway has no end, and is never cached"),
      story("throughline", true, "the same over both"),
    ],
  },
  before: async () => {
    stages = await createBrowserStages();
  },
  after: () => stages.close(),
});

function story(transport: "native" | "throughline", hasGateway: boolean, title: string): Story {
  return {
    title,
    run: async () => {
      const settings = { enhancedMode: "intended", pace: 0.02 } as const;
      const install = transport === "native" ? undefined : {};
      const stage = await stages.openOverLine({ settings }, install, hasGateway);
      try {
        stage.server.rows.alerts.push(alertRow(1), alertRow(2), alertRow(3));
        await stage.inPage("registerWorker");
        const client = await stage.open({ kind: "basic" });
        await until("the rows", async () => wireData(await client.snapshot())[3]);
        await until(
          "a whole response of the application",
          () => stage.server.streams[0]?.closedAtMs,
        );
        // The worker writes its copy once the response has ended.
        await wait(500);
        await stage.line.set({ kind: "reset" });
        await stage.line.set({ kind: "refuse" });
        const awayMs = Date.now() + 200;
        await wait(6000);
        const events = (await client.snapshot()).sources.flatMap((source) => source.events);
        const later = events.filter(({ atMs }) => atMs > awayMs).map(({ kind }) => kind);
        expect(later.includes("open")).toBe(!hasGateway);
        expect(later.includes("message")).toBe(!hasGateway);
      } finally {
        await stage.close();
      }
    },
  };
}
