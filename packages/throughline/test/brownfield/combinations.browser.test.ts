import { expect } from "vitest";
import { type BrowserStages, createBrowserStages } from "./browser-stage.js";
import { describePlay, onStage, type Story } from "./play.js";
import {
  dropScenarios,
  everydayScenarios,
  loopScenarios,
  type Way,
} from "./scenarios/combinations.js";
import { wireData } from "./scenarios/kinds.js";
import { alertRow, livelyFeed } from "./scenarios/lifecycle.js";
import { lineSilenceScenarios, supervisionScenarios } from "./scenarios/signs-of-life.js";
import { type StageSetup, until } from "./stage.js";

// Set before any story begins.
let stages: BrowserStages;
const open =
  ({ transport, hasGateway }: Way) =>
  () =>
    stages.overLine(transport, hasGateway);

const today: Way = { transport: "native", hasGateway: false };
const gatewayOnly: Way = { transport: "native", hasGateway: true };
const dropInOnly: Way = { transport: "throughline", hasGateway: false };
const both: Way = { transport: "throughline", hasGateway: true };

const stories = (way: Way) =>
  onStage(open(way), [
    ...everydayScenarios(way),
    ...dropScenarios(way),
    ...(way.hasGateway ? [...loopScenarios(), ...lineSilenceScenarios(way)] : []),
  ]);

/** The drop-in is installed, and asks a function that answers "native". */
const flagOff = (hasGateway: boolean) => () => (setup: StageSetup) =>
  stages.openOverLine(setup, { transport: "native", isFlagFunction: true }, hasGateway);
const flagOffScenarios = (way: Way) => [...everydayScenarios(way), ...dropScenarios(way)];

describePlay({
  groups: {
    // These take most of a minute, and wait for all of it.
    "supervision as today": onStage(open(today), supervisionScenarios(today)),
    "supervision over the gateway": onStage(open(gatewayOnly), supervisionScenarios(gatewayOnly)),
    "supervision over both": onStage(open(both), supervisionScenarios(both)),
    "Chromium's own EventSource, as today": stories(today),
    "Chromium's own EventSource over the gateway": stories(gatewayOnly),
    "the drop-in without the gateway": stories(dropInOnly),
    "the drop-in over the gateway": stories(both),
    "the flag off by a function, as today": onStage(flagOff(false), flagOffScenarios(today)),
    "the flag off by a function, over the gateway": onStage(
      flagOff(true),
      flagOffScenarios(gatewayOnly),
    ),
    "the flag, flipped while a stream is open (scenario 36)": flipStories(),
  },
  before: async () => {
    stages = await createBrowserStages();
  },
  after: () => stages.close(),
});

function flipStories(): readonly Story[] {
  return ([true, false] as const).map((hasGateway) => ({
    title: hasGateway
      ? "over the gateway every row comes once, to the browser's own class and back"
      : "without the gateway the class goes on, and the rows of the drops are lost, as they are today",
    run: async () => {
      const install = { transport: "throughline", isFlagFunction: true } as const;
      const stage = await stages.openOverLine({ settings: livelyFeed }, install, hasGateway);
      try {
        const client = await stage.open({ kind: "basic" });
        const rows = async () =>
          wireData(await client.snapshot())
            .map((data) => JSON.parse(data))
            .filter(({ type }) => type === "alert")
            .map(({ data }) => data.id);
        const write = (id: number) => stage.server.rows.alerts.push(alertRow(id));
        await until("the first messages", async () => wireData(await client.snapshot())[1]);
        let id = 0;
        for (const transport of ["native", "throughline", "native"] as const) {
          write(++id);
          await until("a row before", async () => (await rows()).includes(id));
          await stage.inPage("setFlag", transport);
          const requests = stage.streamRequestTypes().length;
          await stage.line.set({ kind: "reset" });
          await stage.line.set({ kind: "refuse" });
          write(++id);
          await new Promise((resolve) => setTimeout(resolve, 800));
          await stage.line.set({ kind: "pass" });
          // A poll of the application that falls between two streams has rows for nobody.
          await until(
            "a row after",
            async () => {
              const isThere = (await rows()).includes(id);
              if (!isThere) write(++id);
              return isThere;
            },
            9000,
          );
          const type = transport === "native" ? "eventsource" : "fetch";
          expect(stage.streamRequestTypes().slice(requests).at(-1)).toBe(type);
        }
        const all = Array.from({ length: id }, (_, index) => index + 1);
        if (hasGateway) await until("all rows", async () => (await rows()).length >= id);
        const had = await rows();
        if (hasGateway) expect([...had].sort((a, b) => a - b)).toEqual(all);
        else expect(had.length).toBeLessThan(id);
        expect((await client.snapshot()).sources).toHaveLength(1);
      } finally {
        await stage.close();
      }
    },
  }));
}
