// A server with workers, as an operator starts it, and readers that know which worker serves them.

import { existsSync, readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { onTestFinished } from "vitest";
import { CliProcess } from "../cli-process.js";

/** Starts a command, which is ended with the test. */
export function start(
  argv: readonly string[],
  environment?: Readonly<Record<string, string>>,
): CliProcess {
  const started = new CliProcess(argv, environment);
  onTestFinished(() => started.kill());
  return started;
}

/** The call of a hub of two processes on a port of its own that shuts down without delay. */
export function serving(...argv: readonly string[]): readonly string[] {
  const now = ["--port", "0", "--not-ready-ms", "0", "--drain-ms", "0"];
  return ["serve", "--workers", "2", "--log", "memory", ...now, ...argv];
}

/** Starts such a hub. */
export function serve(...argv: readonly string[]): CliProcess {
  return start(serving(...argv));
}

/** The process of a worker that serves, or of a later one in its place. */
export async function pidOf(hub: CliProcess, worker: number, life = 0): Promise<number> {
  const line = await hub.until(
    () => hub.lines("worker-serving").filter((each) => each["worker"] === worker)[life],
  );
  return Number(line["pid"]);
}

/** Resolves when a process is no more. */
export async function gone(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise(setImmediate);
}

/** Whether a process does anything any more: one that nobody has asked about is listed after its end. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch (error) {
    // There is no such list on other systems.
    return existsSync("/proc/self/stat") ? false : !isGone(error);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ESRCH";
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks over a connection of its own, so that it may come to any worker. */
export async function ask(url: string, method = "GET", body = "", type = "application/json") {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = method === "POST" ? { "content-type": type } : {};
    request(url, { method, headers, agent: false }, resolve).on("error", reject).end(body);
  });
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return { status: response.statusCode ?? 0, body: text } satisfies Answer;
}

export function publish(url: string, ...data: readonly string[]): Promise<Answer> {
  return ask(url, "POST", JSON.stringify(data.map((text) => ({ data: text }))));
}

/** A stream that is being read over a connection of its own. */
export interface Reader {
  readonly status: number;
  /** Names the hub of the worker that serves it. */
  readonly hub: string;
  readonly leaseUrl: string;
  /** What has come so far. */
  text(): string;
  /** Resolves when what has come contains something. */
  until(wanted: string): Promise<void>;
  /** Resolves when the response is over. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens a stream, and waits for the greeting if there is one. */
export async function read(url: string): Promise<Reader> {
  const sent = request(url, { agent: false });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.on("response", resolve).on("error", reject);
  });
  sent.end();
  const response = (await answered).setEncoding("utf8");
  let text = "";
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of watchers) watcher();
  };
  response.on("data", (chunk: string) => {
    text += chunk;
    look();
  });
  const ended = new Promise<void>((resolve) => {
    response.on("close", resolve).on("error", () => {
      // A worker that is killed cuts it off; `close` follows.
    });
  });
  const until = async (wanted: string) => {
    if (text.includes(wanted)) return;
    await new Promise<void>((resolve, reject) => {
      watchers.add(() => {
        if (text.includes(wanted)) resolve();
      });
      void ended.then(() => reject(new Error(`It ended without ${wanted}: ${text}`)));
    });
  };
  onTestFinished(() => void sent.destroy());
  const status = response.statusCode ?? 0;
  if (status === 200) await until("throughline.hello\ndata: {");
  if (status === 200) await until("}}\n");
  const lease = /"lease":\{"url":"([^"]+)"/.exec(text)?.[1] ?? "";
  return {
    status,
    hub: /leases\/([^/]+)\//.exec(lease)?.[1] ?? "",
    leaseUrl: new URL(lease, url).href,
    text: () => text,
    until,
    ended,
    close: () => void sent.destroy(),
  };
}

/** Opens a stream so many times, one after the other. */
export async function openMany(url: string, count: number): Promise<Reader[]> {
  const all: Reader[] = [];
  for (let index = 0; index < count; index += 1) all.push(await read(url));
  return all;
}

/** Opens a stream at least so many times, until each of two workers serves some of the readers. */
export async function openAtBoth(url: string, count: number): Promise<Reader[]> {
  const all = await openMany(url, count);
  while (new Set(all.map(({ hub }) => hub)).size < 2) all.push(await read(url));
  return all;
}
