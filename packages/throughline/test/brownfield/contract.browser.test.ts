import { expect } from "vitest";
import { type BrowserStage, type BrowserStages, createBrowserStages } from "./browser-stage.js";
import { describePlay, onStage, type Story } from "./play.js";
import { comparisonStories } from "./scenarios/comparisons.js";
import { endpointScenarios, mobileErrorScenario } from "./scenarios/endpoints.js";
import {
  absenceScenarios,
  breakScenarios,
  healingScenarios,
  nativeLossScenarios,
  silenceScenarios,
} from "./scenarios/faults.js";
import { subjectKinds, wireData } from "./scenarios/kinds.js";
import { lifecycleScenarios, livelyFeed } from "./scenarios/lifecycle.js";
import { expiryScenarios, refusalScenarios } from "./scenarios/refusals.js";
import { startContractServer } from "./server/contract-server.js";
import { until } from "./stage.js";

// Set before any story begins.
let stages: BrowserStages;
const openNative = () => stages.withTransport("native");
const openDropIn = () => stages.withTransport("throughline");

const everywhere = [
  ...breakScenarios(subjectKinds),
  ...lifecycleScenarios(subjectKinds),
  ...endpointScenarios(),
  mobileErrorScenario,
  ...refusalScenarios(),
];
const { losses, loops } = comparisonStories(openNative, openDropIn);

describePlay({
  groups: {
    "the classes over the drop-in, compared with Chromium's own EventSource: loops": loops,
    "the classes over Chromium's own EventSource (flag off)": onStage(openNative, [
      ...nativeLossScenarios(),
      ...everywhere,
    ]),
    "the classes over the drop-in in Chromium": onStage(openDropIn, [
      ...absenceScenarios(subjectKinds),
      ...healingScenarios(subjectKinds),
      ...silenceScenarios(subjectKinds),
      ...expiryScenarios(),
      ...everywhere,
    ]),
    "the classes over the drop-in, compared with Chromium's own EventSource: losses": losses,
    "the flag": flagStories(),
    "the class itself": classStories(),
  },
  before: async () => {
    stages = await createBrowserStages();
  },
  after: () => stages.close(),
});

function flagStories(): readonly Story[] {
  const receives = async (stage: BrowserStage) => {
    const client = await stage.open({ kind: "basic" });
    await until("a message", async () => wireData(await client.snapshot())[0]);
    stage.server.resetStreams();
    await until("the reconnect", () => stage.server.streamRequests()[1]);
  };
  const story = (
    title: string,
    install: Parameters<BrowserStages["open"]>[1],
    expected: { readonly isBrowsersOwn: boolean; readonly type: string },
  ): Story => ({
    title,
    run: async () => {
      const stage = await stages.open({ settings: livelyFeed }, install);
      try {
        await receives(stage);
        expect(await stage.inPage("isBrowsersOwn")).toBe(expected.isBrowsersOwn);
        expect(new Set(stage.streamRequestTypes())).toEqual(new Set([expected.type]));
      } finally {
        await stage.close();
      }
    },
  });
  return [
    story(
      'installEventSource({ transport: "native" }) leaves the work to the browser\'s own class',
      { transport: "native" },
      { isBrowsersOwn: true, type: "eventsource" },
    ),
    story(
      'a flag function that answers "native" has a browser\'s own EventSource do the requests',
      { transport: "native", isFlagFunction: true },
      { isBrowsersOwn: false, type: "eventsource" },
    ),
    story(
      "without a flag the drop-in does the requests",
      {},
      { isBrowsersOwn: false, type: "fetch" },
    ),
    {
      title: "the function that installEventSource returns puts the browser's own class back",
      run: async () => {
        const stage = await stages.open({}, {});
        try {
          expect(await stage.inPage("isBrowsersOwn")).toBe(false);
          await stage.inPage("uninstall");
          expect(await stage.inPage("isBrowsersOwn")).toBe(true);
        } finally {
          await stage.close();
        }
      },
    },
  ];
}

function classStories(): readonly Story[] {
  return [
    {
      title: "looks to code like the browser's own class: constants, errors, instances, handlers",
      run: async () => {
        const open = [undefined, {}].map((install) => stages.open({}, install));
        const [native, dropIn] = await Promise.all(open);
        try {
          const expected = await native?.inPage("describeClass");
          expect(await dropIn?.inPage("describeClass")).toEqual(expected);
          expect(expected).toMatchObject({ statics: [0, 1, 2], onInstance: [0, 1, 2] });
        } finally {
          await Promise.all([native?.close(), dropIn?.close()]);
        }
      },
    },
    ...([undefined, {}] as const).map((install) => ({
      title:
        `${install === undefined ? "the browser's own" : "the drop-in"} asks a server of another` +
        " origin without a preflight, and with the session",
      run: async () => {
        const stage = await stages.open({}, install);
        const corsOrigins = [stage.server.origin];
        const other = await startContractServer({ ...livelyFeed, corsOrigins });
        try {
          const client = await stage.open({ kind: "basic", origin: other.origin });
          await until("a message", async () => wireData(await client.snapshot())[0]);
          other.resetStreams();
          await until("the reconnect", () => other.streams[1]);
          expect(new Set(other.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
        } finally {
          await stage.close();
          await other.close();
        }
      },
    })),
  ];
}
