// Chromium as it comes from the distribution, driven by Playwright.

import { type Browser, chromium, type LaunchOptions, type Page } from "playwright-core";
import { findBrowser } from "./find-browser.js";
import type { LaunchChoices, TestBrowser, TestPage } from "./launch.js";

/** Where it is: as told, or where Debian has it; `undefined` where it is not installed. */
export function findChromium(): string | undefined {
  return findBrowser("CHROMIUM_PATH", ["/usr/bin/chromium", "/usr/bin/chromium-browser"]);
}

/**
 * Chromium with all that can be done to it. Its pages may go into the back-forward cache.
 *
 * @param options further ones of Playwright
 */
export function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    ...options,
    executablePath: findChromium() ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
}

/** The same, as much of it as Firefox can do too. */
export async function launchPlainChromium({
  believesEveryone = false,
}: LaunchChoices): Promise<TestBrowser> {
  // A signal is for whoever has started the program: it may have something to write before it ends.
  const browser = await launchChromium({ handleSIGINT: false, handleSIGTERM: false });
  return {
    newContext: async () => {
      const context = await browser.newContext({ ignoreHTTPSErrors: believesEveryone });
      return { newPage: async () => plainPage(await context.newPage()) };
    },
    close: () => browser.close(),
  };
}

function plainPage(page: Page): TestPage {
  return {
    goto: (url) => page.goto(url),
    evaluate: (call, argument) => page.evaluate(call as never, argument) as never,
    onRequest: async (listener) => {
      page.on("request", (request) => listener(request.url(), request.method()));
    },
    goBack: () => page.goBack(),
    close: () => page.close(),
  };
}
