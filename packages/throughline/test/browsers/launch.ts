// The browsers that tests run in, as much of them as that takes.

import { type Browser, chromium } from "playwright-core";
import { launchFirefox } from "./firefox.js";

export type BrowserName = "chromium" | "firefox";

/** A running browser without a window. */
export interface TestBrowser {
  /** A profile of its own: cookies, caches, permissions. */
  newContext(): Promise<BrowserProfile>;
  /** Ends the process and removes what it wrote. */
  close(): Promise<void>;
}

export interface BrowserProfile {
  newPage(): Promise<TestPage>;
}

export interface TestPage {
  /** Resolves when the page has loaded. */
  goto(url: string): Promise<unknown>;
  /**
   * Calls a function in the page, with an argument and a result that JSON can carry. The function must
   * not use anything from around it.
   */
  evaluate<A, R>(call: (argument: A) => R, argument: A): Promise<Awaited<R>>;
  /** Goes back to the page before. */
  goBack(): Promise<unknown>;
  close(): Promise<unknown>;
}

export function launchBrowser(name: BrowserName): Promise<TestBrowser> {
  return name === "firefox" ? launchFirefox() : (launchChromium() as Promise<TestBrowser>);
}

/** Chromium with all that can be done to it. Its pages may go into the back-forward cache. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
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
