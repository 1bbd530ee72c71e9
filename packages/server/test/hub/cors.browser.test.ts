// What a real browser makes of the headers: pages of allowed origins read everything, others nothing.

import { createServer, type RequestListener } from "node:http";
import { launchChromium } from "@throughline/browsers";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen, startNodeHub, stopServer } from "./running-hub.js";

const stops: (() => Promise<unknown>)[] = [];
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
  stops.push(() => browser.close());
});

afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  const port = await listen(server);
  stops.push(() => stopServer(server));
  return `http://127.0.0.1:${port}`;
}

/** A page of an origin of its own. */
async function openPage(): Promise<{ page: Page; origin: string }> {
  const origin = await serve((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>A page</title>");
  });
  const page = await browser.newPage();
  await page.goto(origin);
  return { page, origin };
}

/** A hub that lets in who shows a token or a cookie, for pages of some origins. */
async function startHub(origins: readonly string[]) {
  const running = await startNodeHub({
    cors: { origins, credentials: true },
    authorize: ({ header }) =>
      header("authorization") === "Bearer good" || header("cookie") === "session=good"
        ? { identity: "alice" }
        : { status: 401 },
  });
  stops.push(() => running.stop());
  const methods: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    methods.push(request.method);
    running.hub.handleNode(request, response);
  });
  return { methods, url: `${url}/streams/news` };
}

interface Seen {
  readonly status: number;
  readonly pulse: string | null;
  readonly challenge: string | null;
  readonly text: string;
}

/** What a page sees of the beginning of an answer; a text where it sees nothing. */
function request(page: Page, url: string, init: RequestInit): Promise<Seen | string> {
  return page.evaluate(
    async ([address, options]) => {
      try {
        const response = await fetch(address, options);
        const reader = response.body?.getReader();
        const { value } = (await reader?.read()) ?? {};
        await reader?.cancel();
        return {
          status: response.status,
          pulse: response.headers.get("throughline-pulse"),
          challenge: response.headers.get("www-authenticate"),
          text: new TextDecoder().decode(value),
        };
      } catch (error) {
        return String(error);
      }
    },
    [url, init] as const,
  );
}

const SHOWN = {
  authorization: "Bearer good",
  "last-event-id": "e1.0",
  "content-type": "text/plain",
  "cache-control": "no-store",
};

describe("in Chromium, a page of another origin that is allowed", () => {
  it("reads streams, also with a cursor and a token, for which it asks leave once", async () => {
    const { page, origin } = await openPage();
    const { methods, url } = await startHub([origin]);
    for (let time = 0; time < 3; time += 1) {
      expect(await request(page, url, { headers: SHOWN })).toMatchObject({
        status: 200,
        pulse: "interval=1000, deadline=1700",
        text: expect.stringContaining("throughline.hello"),
      });
    }
    expect(methods).toEqual(["OPTIONS", "GET", "GET", "GET"]);
  });

  it("reads why it is refused", async () => {
    const { page, origin } = await openPage();
    const { url } = await startHub([origin]);
    expect(await request(page, url, {})).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="throughline"',
      text: expect.stringContaining('"unauthorized"'),
    });
  });

  it("is let in by a cookie, also through EventSource", async () => {
    const { page, origin } = await openPage();
    const { url } = await startHub([origin]);
    await page.context().addCookies([{ name: "session", value: "good", url }]);
    expect(await request(page, url, { credentials: "include" })).toMatchObject({ status: 200 });
    expect(await request(page, url, { credentials: "omit" })).toMatchObject({ status: 401 });
    const opened = page.evaluate(
      (address) =>
        new Promise((resolve) => {
          const source = new EventSource(address, { withCredentials: true });
          source.onopen = () => resolve("open");
          source.onerror = () => resolve("error");
        }),
      url,
    );
    expect(await opened).toBe("open");
  });
});

describe("in Chromium, a page of another origin", () => {
  it("reads nothing, not even a refusal, and cannot publish with its visitor's cookie", async () => {
    const { page } = await openPage();
    const { methods, url } = await startHub(["https://app.example"]);
    await page.context().addCookies([{ name: "session", value: "good", url }]);
    const credentials = "include";
    expect(await request(page, url, { credentials })).toContain("Failed to fetch");
    const headers = { "content-type": "application/json" };
    const publication = { method: "POST", credentials, headers, body: '{"data":""}' } as const;
    expect(await request(page, url, publication)).toContain("Failed to fetch");
    expect(methods).not.toContain("POST");
  });
});
