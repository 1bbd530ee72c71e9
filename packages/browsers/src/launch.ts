// The browsers that tests run in, as much of them as that takes.

import { launchPlainChromium } from "./chromium.js";
import { launchFirefox } from "./firefox.js";

/** The browsers that there are. */
export type BrowserName = "chromium" | "firefox";

/** A running browser without a window. */
export interface TestBrowser {
  /** A profile of its own: cookies, caches, permissions. */
  newContext(): Promise<BrowserProfile>;
  /** Ends the process and removes what it wrote. */
  close(): Promise<void>;
}

/** A profile. */
export interface BrowserProfile {
  newPage(): Promise<TestPage>;
}

/** A page of a browser. */
export interface TestPage {
  /** Resolves when the page has loaded. */
  goto(url: string): Promise<unknown>;
  /**
   * Calls a function in the page, with an argument and a result that JSON can carry. The function must
   * not use anything from around it.
   */
  evaluate<A, R>(call: (argument: A) => R, argument: A): Promise<Awaited<R>>;
  /**
   * Tells of every request that the page and its frames make from now on, also of those that find
   * nobody. Resolves when it does.
   */
  onRequest(listener: RequestListener): Promise<void>;
  /** Goes back to the page before. */
  goBack(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Told of a request about when it leaves the browser. */
export type RequestListener = (url: string, method: string) => void;

/** How a browser is started. */
export interface LaunchChoices {
  /** Whether it believes every certificate. Default: only those that its authorities have signed. */
  readonly believesEveryone?: boolean | undefined;
}

/** Starts a browser without a window. */
export function launchBrowser(
  name: BrowserName,
  choices: LaunchChoices = {},
): Promise<TestBrowser> {
  return name === "firefox" ? launchFirefox(choices) : launchPlainChromium(choices);
}
