// One worker, as the primary sees it.

import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import type { LimitUse } from "../../hub/index.js";
import { createLogChannel, type EventLog, serveLog } from "../../log/index.js";
import type { Readiness } from "../../operations/health.js";
import type { MetricsSnapshot } from "../../operations/metrics.js";
import type { ServeConfig } from "../config/serve-settings.js";
import { LOG_DESCRIPTOR, type Questions, type ToPrimary, type ToWorker } from "./control.js";
import type { Host } from "./door.js";
import { type Answerer, Asking } from "./questions.js";

const PROGRAM = fileURLToPath(new URL("./worker-main.js", import.meta.url));

/** A worker says every second how it is. One that has not for so long, in milliseconds, is stuck. */
const SILENT_MS = 5000;

/** What a worker is given, and who is told what it says. */
export interface WorkerSetup {
  /** Its number, from 1; its successor has the same. */
  readonly worker: number;
  readonly config: ServeConfig;
  readonly log: EventLog;
  readonly answerer: Answerer;
  readonly events: WorkerEvents;
}

/** What a crew needs of a worker. */
export type Worker = Pick<
  WorkerProcess,
  | "worker"
  | "pid"
  | "hubId"
  | "isServing"
  | "isReady"
  | "isHeard"
  | "readiness"
  | "lastSnapshot"
  | "drained"
  | "ended"
  | "tell"
  | "ask"
  | "snapshot"
  | "kill"
> &
  Host;

/** What happens to a worker. */
export interface WorkerEvents {
  onServing(worker: Worker): void;
  /** It is free again, or its readiness has changed. */
  onChanged(): void;
  onUses(worker: Worker, uses: readonly LimitUse[]): void;
  /** It is no more, whatever the reason. */
  onEnded(worker: Worker, end: WorkerEnd): void;
}

/** How a worker came to its end. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly livedMs: number;
  /** What it said about why it could not serve. */
  readonly failure?: { readonly message: string; readonly isExpected: boolean } | undefined;
}

/** A worker that runs. */
export class WorkerProcess implements Host {
  readonly worker: number;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Resolves when all its readers are gone, or it has ended. */
  readonly drained: Promise<void>;
  readonly #child: ChildProcess;
  readonly #events: WorkerEvents;
  readonly #asking: Asking;
  readonly #startedMs = performance.now();
  #hubId: string | undefined;
  #connections = 0;
  #isFree = true;
  #readiness: Readiness | undefined;
  #heardMs = performance.now();
  #snapshot: MetricsSnapshot | undefined;
  #failure: WorkerEnd["failure"];
  #hasEnded = false;
  #resolveDrained = () => {};

  constructor({ worker, config, log, answerer, events }: WorkerSetup) {
    this.worker = worker;
    this.#events = events;
    // Structured cloning: numbers of metrics that are none would not survive JSON.
    const child = fork(PROGRAM, [], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc", "pipe"],
    });
    this.#child = child;
    this.#asking = new Asking((message) => this.#send(message), answerer);
    this.drained = new Promise((resolve) => {
      this.#resolveDrained = resolve;
    });
    child.on("message", (message) => this.#take(message as ToPrimary));
    child.on("error", () => {
      // It could not be started, or a message did not reach it: either way it ends, which is told.
    });
    this.ended = new Promise((resolve) => {
      const onEnd = (code: number | null, signal: string | null) => {
        if (this.#hasEnded) return;
        this.#end(code, signal);
        resolve();
      };
      child.once("exit", onEnd);
      // A process that never was has no exit.
      child.once("error", () => {
        if (child.pid === undefined) onEnd(null, null);
      });
    });
    const socket = child.stdio[LOG_DESCRIPTOR];
    if (socket !== undefined && socket !== null) serveLog(log, createLogChannel(socket as Duplex));
    this.#send({ kind: "begin", worker, config });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The name of its hub; `undefined` until it serves. */
  get hubId(): string | undefined {
    return this.#hubId;
  }

  get isServing(): boolean {
    return this.#hubId !== undefined && !this.#hasEnded;
  }

  get connections(): number {
    return this.#connections;
  }

  get isReady(): boolean {
    return this.isServing && this.readiness?.ok === true && this.isHeard;
  }

  /** Whether it has shown a sign of life within the last seconds. */
  get isHeard(): boolean {
    return performance.now() - this.#heardMs <= SILENT_MS;
  }

  get isFree(): boolean {
    return this.#isFree && this.isServing;
  }

  /** What it said last of how it is. */
  get readiness(): Readiness | undefined {
    return this.#readiness;
  }

  /** What it had counted when it was asked last. */
  get lastSnapshot(): MetricsSnapshot | undefined {
    return this.#snapshot;
  }

  take(socket: Socket): void {
    this.#isFree = false;
    this.#connections += 1;
    this.#child.send({ kind: "connection" } satisfies ToWorker, socket, (error) => {
      // It is ending: the reader comes again.
      if (error instanceof Error) socket.destroy();
    });
  }

  tell(message: ToWorker): void {
    this.#send(message);
  }

  async ask<Kind extends keyof Questions>(
    about: Kind,
    asks: Questions[Kind]["asks"],
  ): Promise<Questions[Kind]["answer"] | undefined> {
    return this.isServing ? await this.#asking.ask(about, asks) : undefined;
  }

  /** What it has counted; `undefined` where it does not answer. */
  async snapshot(): Promise<MetricsSnapshot | undefined> {
    const snapshot = await this.ask("snapshot", null);
    if (snapshot !== undefined) this.#snapshot = snapshot;
    return snapshot;
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #send(message: ToWorker): void {
    if (!this.#child.connected) return;
    this.#child.send(message, () => {
      // What did not reach it was for one that has ended, which is told elsewhere.
    });
  }

  #take(message: ToPrimary): void {
    // Node may tell the end before what was said before it.
    if (this.#hasEnded) return;
    switch (message.kind) {
      case "question":
      case "answer":
        this.#asking.take(message);
        break;
      case "serving":
        this.#hubId = message.hubId;
        this.#events.onServing(this);
        break;
      case "failed":
        this.#failure = message;
        break;
      case "readiness":
        this.#readiness = message.readiness;
        this.#heardMs = performance.now();
        this.#events.onChanged();
        break;
      case "taken":
        this.#isFree = true;
        this.#events.onChanged();
        break;
      case "left":
        this.#connections -= message.count;
        break;
      case "uses":
        this.#events.onUses(this, message.uses);
        break;
      default:
        this.#resolveDrained();
    }
  }

  #end(code: number | null, signal: string | null): void {
    this.#hasEnded = true;
    this.#asking.giveUp();
    this.#resolveDrained();
    const livedMs = performance.now() - this.#startedMs;
    const failure = this.#failure;
    this.#events.onEnded(this, { code, signal, livedMs, failure });
  }
}
