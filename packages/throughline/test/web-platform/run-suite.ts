import {
  type BrowserName,
  type BrowserProfile,
  launchBrowser,
  type TestPage,
} from "@throughline/browsers";
import { bundleSuite } from "./bundle.js";
import { cases } from "./cases/index.js";
import { createDocuments } from "./documents.js";
import { type Implementation, implementations } from "./implementations.js";
import type { Job } from "./realm.js";
import { startWebPlatformServer, type WebPlatformServer } from "./server.js";
import type { Outcome, Scope, TestCase } from "./test-case.js";

/** A case in one of its scopes. */
export interface Run {
  readonly testCase: TestCase;
  readonly scope: Scope;
  /** What it is called in reports and in lists: unique, the same for both implementations. */
  readonly title: string;
}

/** Every case in every scope that it asks for. */
export const runs: readonly Run[] = cases.flatMap((testCase) =>
  (testCase.scopes ?? (["window"] as const)).map((scope) => ({
    testCase,
    scope,
    title: scope === "window" ? testCase.name : `${testCase.name} (${scope})`,
  })),
);

/** How every run ended, by implementation and title. */
export type Outcomes = ReadonlyMap<Implementation, ReadonlyMap<string, Outcome>>;

// Browsers open at most six HTTP/1.1 connections to an origin; a case may need two at a time.
const RUNS_AT_ONCE = 4;

/** Runs everything on both implementations, each in a browser profile of its own, and tidies up. */
export async function runSuite(browserName: BrowserName): Promise<Outcomes> {
  const server = await startWebPlatformServer(createDocuments(await bundleSuite()));
  try {
    const browser = await launchBrowser(browserName);
    try {
      const entries = implementations.map(async (implementation) => {
        const context = await browser.newContext();
        return [implementation, await runAll(implementation, context, server)] as const;
      });
      return new Map(await Promise.all(entries));
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

async function runAll(
  implementation: Implementation,
  context: BrowserProfile,
  { origin, crossOrigin }: WebPlatformServer,
): Promise<ReadonlyMap<string, Outcome>> {
  const folder = `${origin}/${implementation}`;
  const openPage = async (): Promise<TestPage> => {
    const page = await context.newPage();
    await page.goto(`${folder}/page/window.html`);
    return page;
  };
  const sharedPage = await openPage();
  const outcomes = new Map<string, Outcome>();
  const queue = runs.values();
  const work = async () => {
    // One iterator for all workers: each takes the next run that nobody has taken.
    for (const { testCase, scope, title } of queue) {
      const page = testCase.apart === true ? await openPage() : sharedPage;
      const job: Job = { name: testCase.name, scope, folder, crossOrigin };
      outcomes.set(title, await page.evaluate((job) => webPlatform.run(job), job));
    }
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, work));
  return outcomes;
}
