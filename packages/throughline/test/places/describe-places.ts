// What has to hold wherever in a browser a source is.

import {
  type BrowserName,
  type BrowserProfile,
  launchBrowser,
  type TestBrowser,
} from "@throughline/browsers";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { places } from "./place-names.js";
import type { PlaceStage, Scripts } from "./stage.js";
import { bundlePlaces, openStage } from "./stage.js";

/** The promise of 2 s, and what a busy machine adds. */
const NOTICED_WITHIN_MS = 4000;

/** The promise of 5 s, and what a busy machine adds. */
const HEALED_WITHIN_MS = 8000;

/** Tests the drop-in in every place of a browser. */
export function describePlaces(browserName: BrowserName): void {
  let browser: TestBrowser;
  let profile: BrowserProfile;
  let scripts: Scripts;

  beforeAll(async () => {
    [browser, scripts] = await Promise.all([launchBrowser(browserName), bundlePlaces()]);
    profile = await browser.newContext();
  });

  afterAll(() => browser?.close());

  const open = async (test: TestContext): Promise<PlaceStage> => {
    const stage = await openStage(() => profile.newPage(), scripts);
    test.onTestFinished(() => stage.close());
    return stage;
  };

  describe.concurrent("a source", () => {
    it.for(places)(
      "in a %s heals after a drop and after a silence, and loses nothing",
      async (place, test) => {
        const stage = await open(test);
        await stage.inPage("start", place);
        await stage.hears(HEALED_WITHIN_MS);
        await stage.line.set({ kind: "reset" });
        await stage.hears(HEALED_WITHIN_MS);
        await stage.line.set({ kind: "freeze", direction: "down" });
        await stage.publish();
        await stage.until(
          "the loss",
          ({ states }) => states.includes("waiting silent"),
          NOTICED_WITHIN_MS,
        );
        await stage.line.set({ kind: "pass" });
        await stage.hears(HEALED_WITHIN_MS);
        expect((await stage.inPage("report")).data).toEqual(["1", "2", "3", "4"]);
      },
    );

    it("whose flag is turned at an attempt goes on where it was, there and back", async (test) => {
      const stage = await open(test);
      await stage.inPage("startFlagged", "native");
      await stage.hears(HEALED_WITHIN_MS);
      for (const transport of ["throughline", "native"] as const) {
        await stage.inPage("setFlag", transport);
        await stage.line.set({ kind: "reset" });
        await stage.hears(HEALED_WITHIN_MS);
        expect((await stage.inPage("report")).transport).toBe(transport);
      }
      expect((await stage.inPage("report")).data).toEqual(["1", "2", "3"]);
    });

    it("whose flag calls for it changes over at once, there and back, and loses nothing", async (test) => {
      const stage = await open(test);
      await stage.inPage("startFlagged", "throughline");
      await stage.hears(HEALED_WITHIN_MS);
      for (const transport of ["native", "throughline", "native"] as const) {
        await stage.inPage("setFlag", transport);
        await stage.inPage("flip");
        expect((await stage.inPage("report")).transport).toBe(transport);
        await stage.hears(HEALED_WITHIN_MS);
      }
      expect((await stage.inPage("report")).data).toEqual(["1", "2", "3", "4"]);
    });
  });
}
