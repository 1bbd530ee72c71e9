// Starts, kills and restarts the server at the end of a path.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePort } from "@throughline/testkit";
import type { PathProcess } from "./path.js";

/** What the process is told first. */
export interface OriginTask {
  readonly port: number;
  /** Where the log is kept. Default: in memory, and gone with the process. */
  readonly directory?: string | undefined;
  /** A gateway over this backend, as this user. Default: a hub. */
  readonly backend?: GatewayTask | undefined;
  readonly frameScript: string;
}

/** What a gateway is told of its backend. */
export interface GatewayTask {
  readonly url: string;
  readonly cookie: string;
  /** How many of its threads may be busy with streams. */
  readonly threads: number;
}

/** What a hub is told to publish. */
export interface PublishTask {
  readonly id: number;
  readonly stream: string;
  readonly data: string;
}

/** What became of it: an error where it was refused. */
export interface PublishAnswer {
  readonly id: number;
  readonly error?: string | undefined;
}

/** What the process says, once it has said that it is ready. */
export type OriginSays =
  | { readonly kind: "answers"; readonly answers: readonly PublishAnswer[] }
  /** A gateway has stored an event with this data. */
  | { readonly kind: "stored"; readonly data: string };

/** A server in a process of its own. */
export interface Origin extends PathProcess {
  readonly port: number;
  /** Only for a hub. Resolves when the event is acknowledged; rejects when it is not. */
  publish(stream: string, data: string): Promise<void>;
  /** Only for a gateway: told of every event that it has stored. */
  onStored(listener: (data: string) => void): void;
  close(): Promise<void>;
}

/** As seen from the sources and from what is compiled of them. */
const PROGRAM = fileURLToPath(new URL("../../dist/paths/origin-process.js", import.meta.url));

/** Starts one; resolves when it listens. The compiled package has to be there: the process runs it. */
export async function startOrigin(options: Omit<OriginTask, "port">): Promise<Origin> {
  const task: OriginTask = { ...options, port: await freePort() };
  const waiting = new Map<number, (error?: string) => void>();
  const listeners = new Set<(data: string) => void>();
  let count = 0;
  const start = async () => {
    const started = await startProcess(task);
    started.on("message", (said: OriginSays) => {
      if (said.kind === "stored") for (const listener of listeners) listener(said.data);
      else for (const { id, error } of said.answers) waiting.get(id)?.(error);
    });
    started.once("exit", () => {
      for (const answer of waiting.values()) answer("The hub has died: it may be stored.");
    });
    return started;
  };
  let child = await start();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  return {
    port: task.port,
    publish: (stream, data) =>
      new Promise<void>((resolve, reject) => {
        if (!child.connected) {
          reject(new Error("The hub is dead: nothing was published."));
          return;
        }
        count += 1;
        const id = count;
        waiting.set(id, (error) => {
          waiting.delete(id);
          if (error === undefined) resolve();
          else reject(new Error(error));
        });
        child.send({ id, stream, data } satisfies PublishTask, (error) => {
          // It has died with the message on its way.
          if (error !== null) waiting.get(id)?.(String(error));
        });
      }),
    onStored: (listener) => {
      listeners.add(listener);
    },
    kill,
    start: async () => {
      child = await start();
    },
    close: kill,
  };
}

async function startProcess(task: OriginTask): Promise<ChildProcess> {
  const child = fork(PROGRAM, { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [] });
  const gone = once(child, "exit").then(([code]) => {
    throw new Error(`The origin ended (${code}) before it listened.`);
  });
  // Also when it is killed later, and nobody waits for this any more.
  gone.catch(() => {});
  child.send(task);
  await Promise.race([once(child, "message"), gone]);
  return child;
}
