// One request and its answer, from end to end: client, path, server.

import type { Machine } from "../time/machine.js";
import type { VirtualClock } from "../time/virtual-clock.js";
import { ClientEnd, type ClientWitness, type Head } from "./client-end.js";
import type { Conditions, ProxyAnswer } from "./conditions.js";
import { Lane } from "./lane.js";
import { type Cut, Relay } from "./relay.js";
import {
  type ServerWire,
  type SimulatedQuestion,
  SimulatedRequest,
  SimulatedResponse,
  SimulatedSocket,
} from "./server-end.js";

/** A server process that takes requests. */
export interface Backend {
  readonly machine: Machine;
  /** The exchanges that it has taken: they break when it does. */
  readonly exchanges: Set<Exchange>;
  /** Bytes that may be on their way to one client without an acknowledgement. */
  readonly windowBytes: number;
  handle(request: SimulatedRequest, response: SimulatedResponse): void;
}

/** Who serves at the moment: somebody, or nobody, or a machine without power, which does not even refuse. */
export type Answering = Backend | "nobody" | "silence";

/** The surroundings of an exchange. */
export interface ExchangeSetup {
  readonly clock: VirtualClock;
  readonly conditions: Conditions;
  readonly client: Machine;
  readonly question: SimulatedQuestion;
  readonly witness: ClientWitness;
  readonly backend: () => Answering;
  readonly random: () => number;
  /** Told when a break that was armed has come. */
  readonly onCut: (how: Cut["how"]) => void;
  /** Told when neither side will hear of it again. */
  readonly onRelease: (exchange: Exchange) => void;
}

/** What a request line and its headers weigh, roughly; bodies come on top. */
const HEAD_BYTES = 400;

/** One exchange. */
export class Exchange {
  readonly question: SimulatedQuestion;
  readonly end: ClientEnd;
  readonly #setup: ExchangeSetup;
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #relay: Relay;
  #backend: Backend | undefined;
  #response: SimulatedResponse | undefined;
  #isServerDone = false;

  constructor(setup: ExchangeSetup) {
    const { clock, conditions, client, question, witness, random } = setup;
    this.#setup = setup;
    this.question = question;
    const noting: ClientWitness = {
      onHead: (head) => witness.onHead(head),
      onBytes: (byteLength) => witness.onBytes(byteLength),
      onOver: (ending) => {
        witness.onOver(ending);
        this.#releaseIfDone();
      },
    };
    this.end = new ClientEnd(noting, (byteLength) => this.#acknowledge(byteLength));
    const { latencyMs, jitterMs } = conditions;
    const up = { latencyMs, jitterMs, bytesPerMs: Number.POSITIVE_INFINITY };
    this.#up = new Lane(
      clock,
      clock.outside,
      () => ({ ...up, isFrozen: conditions.isUpFrozen }),
      random,
    );
    this.#down = new Lane(
      clock,
      client,
      () => ({
        latencyMs: conditions.latencyMs,
        jitterMs: conditions.jitterMs,
        bytesPerMs: conditions.bytesPerMs,
        isFrozen: conditions.isDownFrozen,
      }),
      random,
    );
    const target = {
      head: (head: Head) => {
        const delayMs = conditions.headDelayMs;
        this.#down.send(HEAD_BYTES, () => this.end.receiveHead(head), delayMs);
      },
      bytes: (bytes: Uint8Array) => this.#down.send(bytes.length, () => this.end.receive(bytes)),
      breakOff: (how: Cut["how"]) => this.#breakOff(how),
      took: (byteLength: number) => this.#response?.socket.acknowledge(byteLength),
    };
    this.#relay = new Relay(conditions, target, random);
  }

  /** The request leaves. */
  begin(): void {
    const bytes = HEAD_BYTES + (this.question.body?.length ?? 0);
    this.#up.send(bytes, () => this.#arrive());
  }

  /** The client does not want it any more, and closes the connection. */
  leave(reason: unknown): void {
    if (this.end.isOver) return;
    this.end.abandon(reason);
    this.#down.lose();
    if (!this.#setup.conditions.hidesLeaving) this.#up.send(0, () => this.#loseServer());
  }

  // ---- what the path does to it -------------------------------------------------------------------

  /** Breaks the connection at both ends. */
  reset(): void {
    this.#down.send(0, () => this.end.fail());
    this.#loseServer();
  }

  /** Somebody on the way forgets the connection: both ends wait for ever. */
  forget(): void {
    this.#up.lose();
    this.#down.lose();
    // A request that has not arrived never will.
    if (this.#backend === undefined) this.#isServerDone = true;
    this.#releaseIfDone();
  }

  /** Ends it in good order in the middle, or not: a bare FIN. */
  breakOff(how: "end" | "reset"): void {
    this.#breakOff(how);
  }

  arm(cut: Cut): void {
    this.#relay.arm(cut);
  }

  /** Something on the path has changed: what waits for it goes on. */
  onPathChanged(mostDelayMs: number): void {
    if (this.#setup.conditions.buffering === undefined) this.#relay.flush();
    this.#up.thaw(mostDelayMs);
    this.#down.thaw(mostDelayMs);
  }

  /** The server's machine is gone. With it goes the connection, or nobody is told. */
  onServerCrashed(how: "process" | "power"): void {
    this.#isServerDone = true;
    if (how === "process" && !this.#setup.conditions.hidesLoss) {
      this.#relay.flush();
      this.#down.send(0, () => this.end.fail());
    }
    this.#releaseIfDone();
  }

  #breakOff(how: Cut["how"]): void {
    this.#setup.onCut(how);
    if (how === "silence") {
      this.forget();
      return;
    }
    if (how === "end") this.#down.send(0, () => this.end.endCleanly());
    else this.#down.send(0, () => this.end.fail());
    this.#loseServer();
  }

  // ---- the server's side --------------------------------------------------------------------------

  #arrive(): void {
    const { door: keeper } = this.#setup.conditions;
    const door = typeof keeper === "function" ? keeper(this.question.target) : keeper;
    const backend = this.#setup.backend();
    if (door === "open" && typeof backend === "object") {
      this.#serve(backend);
      return;
    }
    this.#isServerDone = true;
    if (door === "refuses") this.#down.send(0, () => this.end.fail());
    else if (door === "heads-only") this.#relay.head(EMPTY_STREAM);
    else if (typeof door === "object") this.#answerInPlace(door);
    else if (door === "open" && backend === "nobody") this.#down.send(0, () => this.end.fail());
    this.#releaseIfDone();
  }

  #answerInPlace({ status, retryAfterS, headers, body = "" }: ProxyAnswer): void {
    const retry = retryAfterS === undefined ? undefined : { "retry-after": `${retryAfterS}` };
    const head = { status, headers: { "content-type": "text/html", ...retry, ...headers } };
    this.#down.send(HEAD_BYTES, () => this.end.receiveHead(head));
    if (body !== "") this.#down.send(body.length, () => this.end.receiveBody(Buffer.from(body)));
    this.#down.send(0, () => this.end.endCleanly());
  }

  #serve(backend: Backend): void {
    const { clock } = this.#setup;
    this.#backend = backend;
    backend.exchanges.add(this);
    const { machine, windowBytes } = backend;
    const wire: ServerWire = {
      sendHead: (head) => this.#relay.head(head),
      send: (bytes) => this.#relay.bytes(bytes),
      reset: () => this.#down.send(0, () => this.end.fail()),
      release: () => {
        this.#relay.flush();
        this.#isServerDone = true;
        this.#releaseIfDone();
      },
      later: (task) => clock.after(machine, 0, task),
    };
    clock.after(machine, 0, () => {
      const socket = new SimulatedSocket(wire, windowBytes, this.#setup.client.name);
      const response = new SimulatedResponse(socket, wire);
      this.#response = response;
      // The client may have left before it was asked for.
      if (!this.#isServerDone)
        backend.handle(new SimulatedRequest(socket, this.question), response);
    });
  }

  #acknowledge(byteLength: number): void {
    const socket = this.#response?.socket;
    if (socket === undefined || this.#isServerDone) return;
    // Nobody waits for it: it need not travel.
    if (socket.writableLength === 0 && !this.#setup.conditions.isUpFrozen) {
      socket.acknowledge(byteLength);
    } else this.#up.send(0, () => this.#onServer(() => socket.acknowledge(byteLength)));
  }

  #loseServer(): void {
    this.#onServer(() => this.#response?.lose());
    if (this.#response === undefined) this.#isServerDone = true;
    this.#releaseIfDone();
  }

  #onServer(task: () => void): void {
    const { clock } = this.#setup;
    if (this.#backend !== undefined) clock.after(this.#backend.machine, 0, task);
  }

  #releaseIfDone(): void {
    if (!this.#isServerDone) return;
    this.#backend?.exchanges.delete(this);
    if (this.end.isOver) this.#setup.onRelease(this);
  }
}

/** What a proxy passes on that has the head and no byte of the body. */
const EMPTY_STREAM: Head = {
  status: 200,
  headers: {
    "content-type": "text/event-stream",
    "throughline-pulse": "interval=1000, deadline=1700",
  },
};
