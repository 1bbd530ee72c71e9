// One fault on all ways at the same time, and what came of it, measured from outside of the pages.

import { setTimeout as wait } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Backend } from "../backend/launcher/start-backend.js";
import type { FaultName, MigrationFault } from "./fault.js";
import type { PageApi, PageReading, ReaderName } from "./page-api.js";
import { openWay, type Way } from "./way.js";
import { REMEDIES, WAYS } from "./ways.js";

/** What one reader on one way made of one fault. */
export interface Outcome {
  readonly fault: FaultName;
  readonly way: string;
  readonly reader: ReaderName;
  /** From a usable path to the first row that was written after it; `undefined`: not while watched. */
  readonly healMs: number | undefined;
  readonly lost: number;
  /** Of those the ones that came not even as far as the gateway. */
  readonly untold: number;
  readonly repeated: number;
  /** Whether it was told that rows are missing. */
  readonly isTold: boolean;
  readonly requestsPerMinute: number;
  readonly hasHeartbeat: boolean;
}

/** What every fault is tried with. */
export interface Stand {
  readonly browser: Browser;
  /** The script of the page. */
  readonly script: string;
  readonly backend: Backend;
}

const READERS: readonly ReaderName[] = ["class", "bare"];

/** A row so often: few enough for what a poll shows at most. */
const ROW_EVERY_MS = 1000;

/** For all to be connected, and to have had a row. */
const SETTLE_MS = 3500;

const WATCH_MS = 16_000;

/** For what is on its way when no more rows are written. */
const DRAIN_MS = 2500;

/** Runs a fault once. */
export async function runFault(
  fault: MigrationFault,
  { browser, script, backend }: Stand,
): Promise<readonly Outcome[]> {
  const ward = `Ward ${crypto.randomUUID()}`;
  const context = await browser.newContext();
  const logIn = async () => {
    const [name = "", value = ""] = (await backend.logIn()).split(/=(.*)/s, 2);
    await context.addCookies([{ name, value, domain: "127.0.0.1", path: "/" }]);
  };
  const remedies = REMEDIES.filter(({ faults }) => faults.includes(fault.name));
  const kinds = [...WAYS, ...remedies.map(({ way }) => way)].filter(
    ({ hasGateway }) => hasGateway || !fault.isOfGateway,
  );
  const ways = await Promise.all(kinds.map((kind) => openWay(kind, fault.generation, backend.url)));
  const rows = startRows(backend, ward);
  try {
    await logIn();
    const priority = fault.priority ?? "all";
    const pages = await Promise.all(
      ways.map((way) => openPage(context, way, { script, ward, priority })),
    );
    await wait(SETTLE_MS);
    const struckAtMs = Date.now();
    await fault.strike({ ways, backend, burst: rows.burst, logIn });
    const usableAtMs = Date.now();
    await wait(fault.watchMs ?? WATCH_MS);
    rows.stop();
    await wait(DRAIN_MS);
    const readings = await Promise.all(pages.map(read));
    const forMs = Date.now() - struckAtMs;
    return ways.flatMap((way, index) =>
      READERS.map((reader) => {
        const reading = readings[index] as PageReading;
        return {
          fault: fault.name,
          way: way.kind.name,
          reader,
          ...judge(reading.readers[reader].rows, rows.written(), {
            usableAtMs,
            stored: way.stored,
          }),
          isTold: reading.readers[reader].gaps > 0,
          requestsPerMinute: (requestsOf(way, reader, struckAtMs) * 60_000) / forMs,
          hasHeartbeat: reading.lastHeartbeat !== null,
        };
      }),
    );
  } finally {
    rows.stop();
    await context.close();
    await Promise.all(ways.map((way) => way.close()));
  }
}

interface WrittenRow {
  readonly key: string;
  readonly atMs: number;
}

function startRows(backend: Backend, ward: string) {
  const written: WrittenRow[] = [];
  let writing: Promise<void> = Promise.resolve();
  const write = (count: number) => {
    writing = writing.then(async () => {
      const rows = Array.from({ length: count }, () => ({ kind: "alert", ward }) as const);
      const { ids, committedMs } = await backend.insertRows(rows);
      for (const id of ids) written.push({ key: String(id), atMs: committedMs });
    });
    return writing;
  };
  const timer = setInterval(() => void write(1), ROW_EVERY_MS);
  return {
    burst: write,
    written: () => written,
    stop: () => clearInterval(timer),
  };
}

/** Counts from the first row that came on: what was before is nobody's loss. */
function judge(
  had: PageReading["readers"]["class"]["rows"],
  written: readonly WrittenRow[],
  { usableAtMs, stored }: { usableAtMs: number; stored: ReadonlySet<string> | undefined },
): Pick<Outcome, "healMs" | "lost" | "untold" | "repeated"> {
  const keys = new Set(had.map(({ key }) => key));
  const first = written.findIndex(({ key }) => keys.has(key));
  const lost = written.slice(Math.max(first, 0)).filter(({ key }) => !keys.has(key));
  const later = new Set(written.filter(({ atMs }) => atMs >= usableAtMs).map(({ key }) => key));
  const healed = had.find(({ key }) => later.has(key));
  return {
    healMs: healed && healed.atMs - usableAtMs,
    lost: lost.length,
    untold: stored === undefined ? 0 : lost.filter(({ key }) => !stored.has(key)).length,
    repeated: had.length - keys.size,
  };
}

/** The class sends its parameter `since`, the bare source does not. */
function requestsOf({ line }: Way, reader: ReaderName, sinceMs: number): number {
  return line.statistics.requestHeads.filter(
    ({ method, target, begunAtMs }) =>
      method === "GET" &&
      target.startsWith("/api/v1/strategist/feed") &&
      target.includes("since=") === (reader === "class") &&
      performance.timeOrigin + begunAtMs >= sinceMs,
  ).length;
}

interface PageContent {
  readonly script: string;
  readonly ward: string;
  readonly priority: string;
}

/** Opens the page under the origin that it asks, without that anybody there has to have it. */
async function openPage(
  context: BrowserContext,
  { kind, line }: Way,
  { script, ward, priority }: PageContent,
): Promise<Page> {
  const page = await context.newPage();
  const url = `${line.url}/measured-page`;
  await page.route(url, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>page</title>" }),
  );
  await page.goto(url);
  await page.unroute(url);
  await page.addScriptTag({ content: script });
  const { hasDropIn, isContinuing = false, isQuiet = false, provenAfterMs } = kind;
  const transport = hasDropIn ? "throughline" : "native";
  await page.evaluate(
    (options) => (globalThis as unknown as { migration: PageApi }).migration.start(options),
    { transport, isContinuing, isQuiet, provenAfterMs, ward, priority } as const,
  );
  return page;
}

function read(page: Page): Promise<PageReading> {
  return page.evaluate(() => (globalThis as unknown as { migration: PageApi }).migration.read());
}
