// A fault proxy that takes lines of text, and says what it sees.

import { StreamError } from "throughline/core";
import type { FaultProxy } from "../fault-proxy/index.js";
import { formatFault, parseFault, parseStep } from "../scenario/index.js";

/** What can be typed. */
export const PROXY_COMMANDS = `  fault <kind> [field=value …]   as in scenarios; the word "fault" may be left out:
                                 freeze direction=both | http-error status=503 retryAfter=2 times=3 | reset | pass
  flap down=1s up=1s for=1min    the line goes down and up by turns
  status                         the fault that is set, and what has been counted
  help                           this
  quit                           ends the proxy`;

/** What comes of a line. */
export interface Answer {
  readonly kind: "done" | "error" | "quit";
  /** May be empty. */
  readonly text: string;
}

/** How often it is looked whether something has happened. */
const LOOK_EVERY_MS = 50;

/** Does what it is told, and tells of requests and of changes of the fault. */
export class ProxySession {
  readonly proxy: FaultProxy;
  readonly #say: (line: string) => void;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  /** Up to which moment everything was told. */
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(proxy: FaultProxy, say: (line: string) => void) {
    this.proxy = proxy;
    this.#say = say;
    this.#timer = setInterval(() => this.#tell(), LOOK_EVERY_MS);
  }

  /** Does what a line says; never rejects. */
  async obey(line: string): Promise<Answer> {
    const text = line.trim();
    try {
      return await this.#do(text);
    } catch (error) {
      if (error instanceof StreamError) return { kind: "error", text: error.message };
      throw error;
    }
  }

  /** Tells what is left to tell, and nothing more. */
  end(): void {
    clearInterval(this.#timer);
    this.#tell();
  }

  async #do(text: string): Promise<Answer> {
    if (text === "" || text.startsWith("#")) return { kind: "done", text: "" };
    if (text === "quit" || text === "exit") return { kind: "quit", text: "" };
    if (text === "help") return { kind: "done", text: PROXY_COMMANDS };
    if (text === "status") return { kind: "done", text: this.#status() };
    const step = /^(fault|flap)\s/.test(text) ? parseStep(text) : undefined;
    if (step?.kind === "flap") {
      // Goes on by itself, until it is over or the next line is obeyed.
      this.proxy.flap(step.flap).catch((error: unknown) => this.#say(`flap: ${String(error)}`));
      return { kind: "done", text: "" };
    }
    await this.proxy.set(step?.kind === "fault" ? step.fault : parseFault(text));
    return { kind: "done", text: "" };
  }

  #status(): string {
    const { connections, fault } = this.proxy;
    const { accepted, refused, requests, answered, bytesUp, bytesDown } = this.proxy.statistics;
    return [
      `fault: ${formatFault(fault)}`,
      `connections: ${connections} open, ${accepted} accepted, ${refused} refused`,
      `requests: ${requests}, ${answered} answered here`,
      `bytes: ${bytesUp} up, ${bytesDown} down`,
    ].join("\n");
  }

  #tell(): void {
    const { requestHeads, faultChanges } = this.proxy.statistics;
    const news = [
      ...requestHeads.map(({ headAtMs, method, target, connection }) => ({
        atMs: headAtMs,
        text: `${method} ${target} on connection ${connection}`,
      })),
      ...faultChanges.map(({ atMs, fault }) => ({ atMs, text: `fault ${formatFault(fault)}` })),
    ].filter(({ atMs }) => atMs > this.#toldMs);
    news.sort((a, b) => a.atMs - b.atMs);
    for (const { atMs, text } of news) {
      this.#say(`${((atMs - this.#startedMs) / 1000).toFixed(3)} s  ${text}`);
      this.#toldMs = atMs;
    }
  }
}
