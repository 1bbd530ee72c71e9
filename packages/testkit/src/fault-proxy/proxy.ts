// A TCP proxy on a real port that does to a connection what networks, proxies and servers do on bad
// days: on command, one thing at a time, and with a record of what the client did about it.

import type { Socket } from "node:net";
import { assertNever, StreamError } from "throughline/core";
import {
  allowedSkips,
  allowedStrikes,
  type EndingFault,
  type Fault,
  type LastingFault,
  PASS,
} from "./fault.js";
import { Link } from "./link.js";
import { Listener } from "./listener.js";
import {
  assertSteps,
  type FaultStep,
  type FlapOptions,
  flapSteps,
  playSteps,
  type ScheduleEnd,
} from "./schedule.js";
import { type ProxyStatistics, Recorder } from "./statistics.js";
import { assertFault } from "./validate-fault.js";

/** Where the proxy listens and where it leads to. */
export interface FaultProxyOptions {
  /** The server behind the proxy. It need not be there yet: a client is then reset. */
  readonly upstream: { readonly host: string; readonly port: number };
  /** Address to listen on. Default `127.0.0.1`: a proxy that breaks things is nobody else's business. */
  readonly host?: string | undefined;
  /** Default 0: any free port, which {@link FaultProxy.port} names. */
  readonly port?: number | undefined;
}

/** A TCP proxy that can be told to misbehave. What each {@link Fault} does stands on its type. */
export interface FaultProxy {
  /** The same for the whole life of the proxy, also while it refuses connections. */
  readonly port: number;
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** What is wrong now. A fault that has struck as often as it should has given way to `pass`. */
  readonly fault: LastingFault;
  /** Connections of clients that have not gone away: neither FIN nor RST has come or was sent. */
  readonly connections: number;
  /** What happened so far; a new picture at every access. */
  readonly statistics: ProxyStatistics;
  /**
   * Sets a fault and interrupts a schedule that is played.
   *
   * It is in force when the call returns, before the promise resolves; only listening again after
   * `refuse` takes until then. Rejects with `invalid-option` when a value of the fault is out of
   * range, with `invalid-state` after `close`, and when the port was lost while it was refused.
   */
  set(fault: Fault): Promise<void>;
  /** Ends every connection with RST and leaves the fault that is set, and a schedule, as they are. */
  reset(): void;
  /** Ends every connection with a bare FIN; otherwise like {@link FaultProxy.reset}. */
  fin(): void;
  /** Ends every response as its server would have; otherwise like {@link FaultProxy.reset}. */
  endCleanly(): void;
  /**
   * Plays faults one after the other, then sets `pass`. Resolves with `interrupted` when another
   * call to set, play, flap or close comes first; rejects as {@link FaultProxy.set} does.
   */
  play(steps: readonly FaultStep[]): Promise<ScheduleEnd>;
  /** Plays a line that goes down and up by turns, beginning with down; otherwise like `play`. */
  flap(options: FlapOptions): Promise<ScheduleEnd>;
  /** Stops listening, closes every socket and timer, and resolves when they are closed. */
  close(): Promise<void>;
}

/** Starts a proxy; it passes everything until it is told otherwise. Rejects when it cannot listen. */
export async function createFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new TcpFaultProxy(options);
  await proxy.listen();
  return proxy;
}

class TcpFaultProxy implements FaultProxy {
  readonly #upstream: FaultProxyOptions["upstream"];
  readonly #host: string;
  readonly #listener: Listener;
  readonly #links = new Set<Link>();
  readonly #recorder = new Recorder();
  #fault: LastingFault = PASS;
  #strikesLeft = Number.POSITIVE_INFINITY;
  #skipsLeft = 0;
  #schedule: AbortController | undefined;
  #isClosed = false;
  /** Resolves `close` once the last connection is gone. */
  #onIdle: (() => void) | undefined;

  constructor({ upstream, host = "127.0.0.1", port = 0 }: FaultProxyOptions) {
    this.#upstream = upstream;
    this.#host = host;
    const onConnection = (socket: Socket) => this.#accept(socket);
    this.#listener = new Listener({ host, port, onConnection });
  }

  get port(): number {
    return this.#listener.port;
  }

  get url(): string {
    const host = this.#host.includes(":") ? `[${this.#host}]` : this.#host;
    return `http://${host}:${this.port}`;
  }

  get fault(): LastingFault {
    return this.#fault;
  }

  get connections(): number {
    let count = 0;
    for (const link of this.#links) if (link.hasClient) count += 1;
    return count;
  }

  get statistics(): ProxyStatistics {
    return this.#recorder.snapshot();
  }

  listen(): Promise<void> {
    return this.#listener.open();
  }

  async set(fault: Fault): Promise<void> {
    this.#assertOpen();
    assertFault(fault);
    this.#schedule?.abort();
    await this.#enter(fault);
  }

  reset(): void {
    for (const link of this.#links) link.reset();
  }

  fin(): void {
    for (const link of this.#links) link.finish();
  }

  endCleanly(): void {
    for (const link of this.#links) link.endCleanly();
  }

  async play(steps: readonly FaultStep[]): Promise<ScheduleEnd> {
    this.#assertOpen();
    assertSteps(steps);
    this.#schedule?.abort();
    const schedule = new AbortController();
    this.#schedule = schedule;
    const end = await playSteps(steps, {
      enter: (fault) => this.#enter(fault),
      signal: schedule.signal,
    });
    if (end === "finished") await this.#enter(PASS);
    return end;
  }

  async flap(options: FlapOptions): Promise<ScheduleEnd> {
    return await this.play(flapSteps(options));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#schedule?.abort();
    this.#listener.shut();
    if (this.#links.size === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    for (const link of this.#links) link.destroy();
    await idle;
  }

  async #enter(fault: Fault): Promise<void> {
    this.#recorder.changed(fault);
    if (isEnding(fault)) {
      this.#end(fault);
      this.#install(PASS);
    } else {
      this.#install(fault);
    }
    if (this.#fault.kind === "refuse") this.#listener.shut();
    else await this.#listener.open();
  }

  #install(fault: LastingFault): void {
    this.#fault = fault;
    this.#strikesLeft = allowedStrikes(fault);
    this.#skipsLeft = allowedSkips(fault);
    for (const link of this.#links) link.apply(fault);
  }

  #end(fault: EndingFault): void {
    switch (fault.kind) {
      case "reset":
        this.reset();
        return;
      case "fin":
        this.fin();
        return;
      case "end-cleanly":
        this.endCleanly();
        return;
      default:
        assertNever(fault);
    }
  }

  #isTaken(): boolean {
    if (this.#skipsLeft === 0) return true;
    this.#skipsLeft -= 1;
    return false;
  }

  #strike(): void {
    this.#strikesLeft -= 1;
    if (this.#strikesLeft > 0) return;
    this.#recorder.changed(PASS);
    this.#install(PASS);
  }

  #accept(socket: Socket): void {
    const connection = this.#recorder.accepted();
    if (this.#fault.kind === "reset-new") {
      this.#recorder.refused();
      socket.resetAndDestroy();
      return;
    }
    const link: Link = new Link(socket, {
      connection,
      upstream: this.#upstream,
      recorder: this.#recorder,
      fault: () => this.#fault,
      isTaken: () => this.#isTaken(),
      onStrike: () => this.#strike(),
      onClosed: () => this.#forget(link),
    });
    this.#links.add(link);
  }

  #forget(link: Link): void {
    this.#links.delete(link);
    if (this.#links.size === 0) this.#onIdle?.();
  }

  #assertOpen(): void {
    if (!this.#isClosed) return;
    throw new StreamError("The fault proxy is closed: create another one.", {
      code: "invalid-state",
      fault: "local",
    });
  }
}

function isEnding(fault: Fault): fault is EndingFault {
  return fault.kind === "reset" || fault.kind === "fin" || fault.kind === "end-cleanly";
}
