// Chromium over the pipe of its DevTools protocol. Playwright makes every page believe that it is in
// front, and so none of them can be hidden.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";

/** A tab. */
export interface Tab {
  /** Evaluates an expression in the page; a promise is awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** Puts it in front, which hides the others. */
  show(): Promise<void>;
  close(): Promise<void>;
  /** Goes to another page, as a link would. */
  navigate(url: string): Promise<void>;
  /** Goes back to the page before. */
  goBack(): Promise<void>;
  /** Has its process crash. It can be navigated again when it has. */
  crash(): void;
  /** Freezes it, or has it thaw. */
  setLifecycle(state: "frozen" | "active"): Promise<void>;
}

export interface Chromium {
  openTab(url: string): Promise<Tab>;
  /** How many dedicated workers there are. */
  countWorkers(): Promise<number>;
  /** Stops all of its processes, as the sleep of a machine does; or has them go on. */
  sleep(): void;
  wake(): void;
  close(): Promise<void>;
}

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Starts it, with these switches besides its own. */
export async function startChromium(...switches: readonly string[]): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), "throughline-page-life-"));
  const child = spawn(
    process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--remote-debugging-pipe",
      `--user-data-dir=${profile}`,
      ...switches,
      "about:blank",
    ],
    // A process group of its own, so that all of it can be stopped.
    { detached: true, stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const call = createCaller(child.stdio[3] as Writable, child.stdio[4] as unknown as Readable);

  const signalAll = (signal: "SIGSTOP" | "SIGCONT") => {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  };

  return {
    openTab: async (url) => {
      const blank = { url: "about:blank" };
      const { targetId } = await call<{ targetId: string }>("Target.createTarget", blank);
      const session = { targetId, flatten: true };
      const { sessionId } = await call<{ sessionId: string }>("Target.attachToTarget", session);
      const navigate = (to: string) => call<void>("Page.navigate", { url: to }, sessionId);
      await navigate(url);
      return {
        navigate,
        goBack: async () => {
          type History = { currentIndex: number; entries: { id: number }[] };
          const past = await whenActive(() =>
            call<History>("Page.getNavigationHistory", {}, sessionId),
          );
          const entryId = past.entries[past.currentIndex - 1]?.id;
          await whenActive(() => call("Page.navigateToHistoryEntry", { entryId }, sessionId));
        },
        evaluate: async <T>(expression: string) => {
          const options = { expression, returnByValue: true, awaitPromise: true };
          type Result = { result: { value: T }; exceptionDetails?: { text: string } };
          const answer = await call<Result>("Runtime.evaluate", options, sessionId);
          if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails));
          return answer.result.value;
        },
        show: () => call("Target.activateTarget", { targetId }),
        close: () => call("Target.closeTarget", { targetId }),
        // Who crashes does not answer, or with an error.
        crash: () => void call("Page.crash", {}, sessionId).catch(() => {}),
        setLifecycle: (state) => call("Page.setWebLifecycleState", { state }, sessionId),
      };
    },
    countWorkers: async () => {
      type Targets = { targetInfos: { type: string }[] };
      const filter = [{ type: "worker" }];
      return (await call<Targets>("Target.getTargets", { filter })).targetInfos.length;
    },
    sleep: () => signalAll("SIGSTOP"),
    wake: () => signalAll("SIGCONT"),
    close: async () => {
      // One that is asleep would not hear that it is to end.
      if (child.exitCode === null) signalAll("SIGCONT");
      child.kill();
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** How often a page is asked that is just being exchanged for another, 20 ms apart. */
const MOST_QUESTIONS = 250;

/** Asks again as long as the page that was there before has not given way to the one that is to answer. */
async function whenActive<T>(ask: () => Promise<T>): Promise<T> {
  for (let question = 1; ; question += 1) {
    try {
      return await ask();
    } catch (error) {
      const isBetween = error instanceof Error && error.message.includes("active page");
      if (!isBetween || question === MOST_QUESTIONS) throw error;
      await wait(20);
    }
  }
}

type Call = <T>(method: string, params: object, sessionId?: string) => Promise<T>;

/** Messages are JSON, each ended by a zero byte. */
function createCaller(input: Writable, output: Readable): Call {
  const waiting = new Map<number, (reply: Reply) => void>();
  let count = 0;
  let rest = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    const messages = (rest + text).split("\0");
    rest = messages.pop() ?? "";
    for (const message of messages) {
      const reply = JSON.parse(message) as Reply;
      if (reply.id !== undefined) waiting.get(reply.id)?.(reply);
    }
  });
  return <T>(method: string, params: object, sessionId?: string) =>
    new Promise<T>((resolve, reject) => {
      const id = ++count;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(result as T);
        else reject(new Error(`${method}: ${error.message}`));
      });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}
