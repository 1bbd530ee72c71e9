// Firefox as it comes from the distribution, driven by WebDriver BiDi, which it speaks by itself: no
// driver program, and no build of the browser made for tests.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BidiConnection } from "./bidi.js";
import { findBrowser } from "./find-browser.js";
import type { BrowserProfile, LaunchChoices, RequestListener, TestBrowser } from "./launch.js";

/** How long the program may take until it can be driven. */
const READY_WITHIN_MS = 30_000;

/** Where it is: as told, or where Debian has it; `undefined` where it is not installed. */
export function findFirefox(): string | undefined {
  return findBrowser("FIREFOX_PATH", ["/usr/bin/firefox-esr", "/usr/bin/firefox"]);
}

/** Starts Firefox without a window. */
export async function launchFirefox({
  believesEveryone: acceptInsecureCerts = false,
}: LaunchChoices): Promise<TestBrowser> {
  const path = findFirefox();
  if (path === undefined) throw new Error("Firefox is not installed.");
  const profile = await mkdtemp(join(tmpdir(), "throughline-firefox-"));
  await writeFile(join(profile, "user.js"), PREFERENCES);
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
  // A process group of its own: its content processes end with it.
  const child = spawn(path, args, {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" },
  });
  const end = async () => {
    await kill(child);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const bidi = await BidiConnection.open(`${await addressOf(child)}/session`);
    await bidi.send("session.new", { capabilities: { alwaysMatch: { acceptInsecureCerts } } });
    return {
      newContext: () => newContext(bidi),
      close: async () => {
        bidi.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** No start page, no updates, nothing that asks the network for anything. */
const PREFERENCES = Object.entries({
  "app.update.auto": false,
  "app.normandy.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "browser.newtabpage.enabled": false,
  "browser.safebrowsing.downloads.remote.enabled": false,
  "captivedetect.canonicalURL": "",
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.disable_open_during_load": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,#no-settings",
  "toolkit.telemetry.server": "",
})
  .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
  .join("");

async function newContext(bidi: BidiConnection): Promise<BrowserProfile> {
  const { userContext } = await bidi.send<{ userContext: string }>("browser.createUserContext", {});
  return {
    newPage: async () => {
      const { context } = await bidi.send<{ context: string }>("browsingContext.create", {
        // Not a tab: all but one of them would be in the background, and their timers slowed down.
        type: "window",
        userContext,
      });
      return {
        goto: async (url) => {
          await bidi.send("browsingContext.navigate", { context, url, wait: "complete" });
        },
        evaluate: (call, argument) => evaluate(bidi, context, call, argument),
        goBack: () => bidi.send("browsingContext.traverseHistory", { context, delta: -1 }),
        close: () => bidi.send("browsingContext.close", { context }),
        onRequest: (listener) => subscribe(bidi, context, listener),
      };
    },
  };
}

async function subscribe(
  bidi: BidiConnection,
  context: string,
  listener: RequestListener,
): Promise<void> {
  bidi.onEvent((event, params) => {
    if (event !== REQUESTS) return;
    const { url, method } = (params as RequestToldOf).request;
    listener(url, method);
  });
  await bidi.send("session.subscribe", { events: [REQUESTS], contexts: [context] });
}

const REQUESTS = "network.beforeRequestSent";

interface RequestToldOf {
  readonly request: { readonly url: string; readonly method: string };
}

/** As JSON in and out: then the values of the protocol are strings, and nothing else. */
async function evaluate<A, R>(
  bidi: BidiConnection,
  context: string,
  call: (argument: A) => R,
  argument: A,
): Promise<Awaited<R>> {
  const functionDeclaration = `async (text) => JSON.stringify((await (${call})(JSON.parse(text))) ?? null)`;
  const answer = await bidi.send<Evaluated>("script.callFunction", {
    functionDeclaration,
    arguments: [{ type: "string", value: JSON.stringify(argument ?? null) }],
    awaitPromise: true,
    target: { context },
  });
  if (answer.type === "exception") throw new Error(`in Firefox: ${answer.exceptionDetails.text}`);
  return JSON.parse(answer.result.value) as Awaited<R>;
}

type Evaluated =
  | { readonly type: "success"; readonly result: { readonly value: string } }
  | { readonly type: "exception"; readonly exceptionDetails: { readonly text: string } };

/** The address that it writes to standard error once it can be driven. */
async function addressOf(child: ChildProcess): Promise<string> {
  let said = "";
  const found = new Promise<string>((resolve) => {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = `${said}${text}`.slice(-10_000);
      const address = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  const over = new AbortController();
  const { signal } = over;
  // Either of the two also ends by the signal, and then nobody listens.
  const late = wait(READY_WITHIN_MS, undefined, { signal }).catch(() => undefined);
  const gone = once(child, "exit", { signal }).then(
    () => undefined,
    () => undefined,
  );
  const address = await Promise.race([found, late, gone]);
  over.abort();
  if (address === undefined) throw new Error(`Firefox cannot be driven: ${said}`);
  return address;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
  await exited;
}
