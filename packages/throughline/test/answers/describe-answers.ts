// What becomes of answers that are no proper streams, in a real browser.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type BrowserName,
  bundleScript,
  launchBrowser,
  type TestBrowser,
  type TestPage,
} from "@throughline/browsers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnswerCase, answerCases } from "./answer-cases.js";
import type { AnswersApi } from "./page.js";

/** The longest waits are those between the attempts of a burst, on a machine that is busy. */
const WITHIN_MS = 20_000;

interface Asked {
  readonly atMs: number;
  readonly lastEventId: string | undefined;
}

/** Runs all cases in one page; five at a time, because a browser has six connections for a server. */
export function describeAnswers(browserName: BrowserName): void {
  const asked = new Map<string, Asked[]>();
  let server: Server;
  let browser: TestBrowser;
  let page: TestPage;

  beforeAll(async () => {
    const script = await bundleScript(new URL("page.ts", import.meta.url));
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://page");
      const found = answerCases.find(({ name }) => name === searchParams.get("case"));
      if (pathname === "/page.js")
        response.setHeader("content-type", "text/javascript").end(script);
      else if (pathname === "/login") response.writeHead(405).end();
      else if (found === undefined) {
        response.setHeader("content-type", "text/html");
        response.end('<!doctype html><script src="/page.js"></script>');
      } else {
        const before = asked.get(found.name) ?? [];
        const lastEventId = request.headers["last-event-id"]?.toString();
        asked.set(found.name, [...before, { atMs: performance.now(), lastEventId }]);
        found.script[Math.min(before.length, found.script.length - 1)]?.(response, request);
      }
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    browser = await launchBrowser(browserName);
    page = await (await browser.newContext()).newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
  });

  const inPage = <N extends keyof AnswersApi>(name: N, ...args: Parameters<AnswersApi[N]>) =>
    page.evaluate(
      ([called, values]) => {
        const { answers } = globalThis as unknown as { answers: AnswersApi };
        return Reflect.apply(answers[called], answers, values) as ReturnType<AnswersApi[N]>;
      },
      [name, args] as const,
    );

  async function run({ name, script, wish, ...wanted }: AnswerCase): Promise<void> {
    const { data = [], end = "live open", requests = script.length, shown, pauseMs } = wanted;
    await inPage("open", name, { ...wish, url: `/feed?${new URLSearchParams({ case: name })}` });
    const now = async () => {
      const report = await inPage("report", name);
      return { data: report.data, end: `${report.state} ${report.reason}` };
    };
    await expect.poll(now, { timeout: WITHIN_MS }).toEqual({ data, end });
    const times = asked.get(name) ?? [];
    expect(times.length).toBeLessThanOrEqual(requests);
    if (shown !== undefined) expect(times.at(-1)?.lastEventId).toBe(shown);
    const [first, second] = times;
    if (pauseMs !== undefined) {
      expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(pauseMs);
    }
    await inPage("close", name);
  }

  describe.concurrent("in the answers of a server,", () => {
    it.for(answerCases)("$name", { timeout: 2 * WITHIN_MS }, run);
  });
}
