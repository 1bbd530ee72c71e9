// The measurement of the migration, on one fault and in short: that it measures at all, and what must come of it
// however slow the machine is.

import { launchChromium } from "@throughline/browsers";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { bundlePage } from "../../migration/bundle-page.js";
import { FAULTS } from "../../migration/fault.js";
import { type Outcome, runFault } from "../../migration/run-fault.js";

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("a fault on every way at once", () => {
  let backend: Backend;
  let browser: Browser;
  let outcomes: readonly Outcome[];

  beforeAll(async () => {
    const [started, launched, script] = await Promise.all([
      startBackend({ generation: "first", pollS: 1, workers: 2, threads: 24, gracefulS: 1 }),
      launchChromium(),
      bundlePage(),
    ]);
    [backend, browser] = [started, launched];
    const fault = FAULTS.find(({ name }) => name === "502-burst");
    if (fault === undefined) throw new Error("the fault is gone");
    outcomes = await runFault({ ...fault, watchMs: 8000 }, { backend, browser, script });
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await backend?.close();
  });

  const of = (way: string, reader: Outcome["reader"]) =>
    outcomes.find((outcome) => outcome.way === way && outcome.reader === reader);

  it("closes the browser's own class for good, with the gateway and without", () => {
    for (const way of ["as today", "gateway only"]) {
      expect(of(way, "bare")).toMatchObject({ healMs: undefined });
    }
  });

  it("costs the drop-in alone what was told meanwhile", () => {
    expect(of("drop-in only", "bare")?.healMs).toEqual(expect.any(Number));
    expect(of("drop-in only", "bare")?.lost).toBeGreaterThan(8);
  });

  it("costs both nothing that came as far as the gateway, and no row comes twice", () => {
    const { lost = 1, untold, repeated } = of("both", "bare") ?? {};
    expect([lost, repeated]).toEqual([untold, 0]);
  });

  it("costs the class its place, unless its sources go on where the former was closed", () => {
    expect(of("both", "class")?.lost).toBeGreaterThan(0);
    const { lost = 1, untold } = of("both, `continuity`", "class") ?? {};
    expect(lost).toBe(untold);
  });
});
