import type { ServerResponse } from "node:http";
import { pythonJson } from "./python-json.js";
import type { Step } from "./steps.js";

/** What the server knows about one event stream it has served. */
export interface StreamRecord {
  /** Path and query as requested. */
  readonly url: string;
  readonly openedAtMs: number;
  /** When the connection was gone, whoever ended it; absent while it is there. */
  readonly closedAtMs?: number | undefined;
  /** The text behind `data: ` of each event written as JSON, in order. */
  readonly payloads: readonly string[];
}

/** One response that streams steps, and the handles by which a test breaks it. */
export class OutgoingStream {
  readonly url: string;
  readonly openedAtMs = Date.now();
  readonly payloads: string[] = [];
  closedAtMs: number | undefined;
  readonly #response: ServerResponse;
  readonly #pace: number;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(response: ServerResponse, url: string, pace: number) {
    this.url = url;
    this.#response = response;
    this.#pace = pace;
    response.on("close", () => {
      this.closedAtMs = Date.now();
      this.#stop();
    });
  }

  get isOpen(): boolean {
    return this.closedAtMs === undefined;
  }

  /** Writes the steps with their pauses, then ends the response, unless it is broken before. */
  play(steps: Iterator<Step>): void {
    while (!this.#isStopped) {
      const next = steps.next();
      if (next.done === true) {
        this.close();
        return;
      }
      const step = next.value;
      if (step.kind === "pause") {
        this.#timer = setTimeout(() => this.play(steps), step.ms * this.#pace);
        return;
      }
      this.#write(step);
    }
  }

  /** Ends the response as a server does that is done. */
  close(): void {
    this.#stop();
    this.#response.end();
  }

  /** Cuts the connection with a TCP reset. */
  reset(): void {
    this.#stop();
    this.#response.socket?.resetAndDestroy();
  }

  /** Writes nothing more and keeps the connection open, like a peer that has vanished. */
  silence(): void {
    this.#stop();
  }

  #write(step: Exclude<Step, { kind: "pause" }>): void {
    if (step.kind === "raw") {
      this.#response.write(step.text);
      return;
    }
    const payload = pythonJson(step.value);
    const retry = step.retryMs === undefined ? "" : `retry: ${step.retryMs}\n`;
    this.payloads.push(payload);
    this.#response.write(`${retry}data: ${payload}\n\n`);
  }

  #stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
