// One client's connection through the proxy: two sockets, a lane for each direction, and what the
// present fault means for them.

import { connect, type Socket } from "node:net";
import { encodeAnswer } from "./answers.js";
import { Cutter } from "./cutter.js";
import type { AnsweringFault, CutFault, HalfOpenFault, LastingFault } from "./fault.js";
import { isAbout, isFrozen } from "./fault.js";
import { Framer, type MessageHead, type Place, type Segment } from "./framer.js";
import { IdleTimer } from "./idle-timer.js";
import { type Ending, Lane, type Passage } from "./lane.js";
import { createPace } from "./pace.js";
import { createRewriter, type Rewriter } from "./rewriter.js";
import type { Recorder } from "./statistics.js";

/** What a link needs of the proxy around it. */
export interface LinkContext {
  readonly connection: number;
  readonly upstream: { readonly host: string; readonly port: number };
  readonly recorder: Recorder;
  /** The fault that is set now. */
  readonly fault: () => LastingFault;
  /** Whether this request is one that the fault answers; what it lets pass first is counted by asking. */
  readonly isTaken: () => boolean;
  /** Told when a fault with a limited number of strikes has struck; may change the fault at once. */
  readonly onStrike: () => void;
  /** Told when both sockets are closed, at least once. */
  readonly onClosed: () => void;
}

/** How long a chunk that is on its way may take to complete before a clean end becomes a bare FIN. */
const CHUNK_GRACE_MS = 1000;
/**
 * How long a client may take to read what came before a cut. Where an RST finds bytes unread, most
 * clients throw these away, or take the end for a FIN (libuv reports an end of file when data and
 * hang-up arrive together).
 */
const READ_GRACE_MS = 50;
const LAST_CHUNK = "0\r\n\r\n";

const NONE: Passage = { bytes: 0 };

/** A connection of a client and the upstream connection that belongs to it. */
export class Link {
  readonly #context: LinkContext;
  readonly #client: Socket;
  readonly #up: Lane;
  readonly #down: Lane;
  #upstream: Socket | undefined;
  #cutter: Cutter | undefined;
  /** The methods of requests that were passed on and not answered yet. */
  readonly #methods: string[] = [];
  /** The fault that answers the present request in the server's place. */
  #answer: AnsweringFault | undefined;
  /** The fault that may do so, once the head has said what is asked for, and the head until then. */
  #candidate: { readonly fault: AnsweringFault; readonly held: Uint8Array[] } | undefined;
  #target = "";
  /** Changes the present response. */
  #rewriter: Rewriter | undefined;
  readonly #idle = new IdleTimer(() => this.#endIdle());
  /** Whether the present request began under `headers-only`. */
  #isBodyWithheld = false;
  /** Runs while a clean end waits for the end of a chunk. */
  #chunkTimer: NodeJS.Timeout | undefined;
  /** Runs between the last byte before a cut and its RST. */
  #resetTimer: NodeJS.Timeout | undefined;
  #requestBegunAtMs = 0;

  constructor(client: Socket, context: LinkContext) {
    this.#client = client;
    this.#context = context;
    this.#up = this.#createUpLane();
    this.#down = this.#createDownLane();
    this.#listenToClient();
    this.#open();
  }

  /** Whether the client is still there: it has sent neither FIN nor RST, and was sent no RST. */
  get hasClient(): boolean {
    return !this.#client.destroyed && !this.#client.readableEnded;
  }

  /** Takes over a fault that was just set. */
  apply(fault: LastingFault): void {
    this.#cutter = fault.kind === "cut" ? createCutter(fault) : undefined;
    if (fault.kind === "freeze" && fault.thaw !== true) this.#dieWhereFrozen(fault);
    this.#idle.set(fault.kind === "idle-timeout" ? fault.ms : undefined);
    this.#up.setPace(createPace(fault, "up"));
    this.#down.setPace(createPace(fault, "down"));
  }

  /** Ends both sides with RST. */
  reset(): void {
    this.#drain();
    abort(this.#client);
    if (this.#upstream !== undefined) abort(this.#upstream);
  }

  /** Ends the client's side with FIN, behind `farewell` where one is given, and drops upstream. */
  finish(farewell: Uint8Array | string = ""): void {
    this.#drain();
    // A client that is gone already cannot be told; Node.js would report it as an error of ours.
    if (this.#client.writable) {
      if (farewell.length > 0) this.#recordDown(farewell.length);
      this.#client.end(farewell);
    }
    this.#upstream?.destroy();
    this.#closeWhenDone();
  }

  /** Ends the response in progress as its server would have, as far as its framing allows. */
  endCleanly(): void {
    if (this.#chunkTimer !== undefined) return;
    if (isInsideChunk(this.#down.place) && this.#down.mode === "open") {
      this.#chunkTimer = setTimeout(() => this.finish(), CHUNK_GRACE_MS);
    } else {
      this.finish(this.#down.place === "between-chunks" ? LAST_CHUNK : undefined);
    }
  }

  /** Closes both sockets at once. */
  destroy(): void {
    this.#drain();
    this.#client.destroy();
    this.#upstream?.destroy();
    this.#closeWhenDone();
  }

  #createUpLane(): Lane {
    const { recorder, connection } = this.#context;
    const framer = new Framer({
      direction: "request",
      onHead: ({ startLine }) => {
        const [method = "", target = ""] = startLine.split(" ");
        this.#methods.push(method);
        this.#target = target;
        recorder.requested({ connection, begunAtMs: this.#requestBegunAtMs, method, target });
      },
    });
    return new Lane({
      framer,
      pace: createPace(this.#context.fault(), "up"),
      sink: () => this.#dial(),
      gate: (piece, before) => this.#gateUp(piece, before),
      onArrival: () => {
        if (framer.place === "between-messages") this.#requestBegunAtMs = performance.now();
      },
      onEnding: (ending) => this.#endUpstream(ending),
      onWritten: (bytes) => {
        this.#idle.touch();
        recorder.wroteUp(bytes);
      },
    });
  }

  #createDownLane(): Lane {
    return new Lane({
      framer: new Framer({
        direction: "response",
        mayHaveBody: (head) => this.#mayHaveBody(head),
      }),
      pace: createPace(this.#context.fault(), "down"),
      sink: () => this.#client,
      gate: (piece, before) => this.#gateDown(piece, before),
      onArrival: () => {},
      onEnding: (ending) => endSocket(this.#client, ending),
      onWritten: (bytes) => this.#recordDown(bytes),
    });
  }

  #listenToClient(): void {
    const client = this.#client;
    this.#up.attach(client);
    client.on("drain", () => this.#down.flush());
    client.on("end", () => this.#endClient());
    client.on("error", ignoreError);
    client.on("close", (hadError) => this.#loseClient(hadError));
  }

  /** What the present fault does to a connection that was just accepted. */
  #open(): void {
    const fault = this.#context.fault();
    this.apply(fault);
    switch (fault.kind) {
      case "accept-stall":
        this.#up.die();
        this.#down.die();
        return;
      // These decide with the request, and the server must not even see a connection of it.
      case "http-error":
      case "open-then-close":
      case "garbage":
      case "refuse":
      case "reset-new":
        return;
      default:
        if (!isFrozen(fault, "up")) this.#dial();
    }
  }

  #dial(): Socket {
    if (this.#upstream !== undefined) return this.#upstream;
    const { host, port } = this.#context.upstream;
    const upstream = connect({ host, port, allowHalfOpen: true, noDelay: true });
    this.#upstream = upstream;
    this.#down.attach(upstream);
    upstream.on("drain", () => this.#up.flush());
    upstream.on("end", () => this.#loseUpstream("fin"));
    upstream.on("error", ignoreError);
    upstream.on("close", (hadError) => {
      if (hadError) this.#loseUpstream("reset");
      this.#closeWhenDone();
    });
    return upstream;
  }

  #gateUp(piece: Segment, before: Place): Passage {
    if (before === "between-messages") this.#begin();
    if (this.#up.mode !== "open") return NONE;
    if (this.#candidate !== undefined) return this.#consider(this.#candidate, piece);
    if (this.#answer === undefined) return { bytes: piece.bytes.length };
    if (piece.place !== "in-head") this.#giveAnswer(this.#answer);
    return NONE;
  }

  /** What the present fault does to a request whose first byte is about to go up. */
  #begin(): void {
    const fault = this.#context.fault();
    this.#isBodyWithheld = fault.kind === "headers-only";
    switch (fault.kind) {
      case "accept-stall":
        this.#up.die();
        this.#down.die();
        return;
      case "refuse":
      case "reset-new":
        this.reset();
        return;
      case "http-error":
      case "open-then-close":
      case "garbage":
        if (fault.path !== undefined) this.#candidate = { fault, held: [] };
        else if (this.#context.isTaken()) this.#takeAnswer(fault);
        return;
      default:
    }
  }

  /** Holds a request back until its head says whether the fault answers it. */
  #consider(candidate: { fault: AnsweringFault; held: Uint8Array[] }, piece: Segment): Passage {
    const { fault, held } = candidate;
    held.push(piece.bytes);
    if (piece.place === "in-head") return NONE;
    this.#candidate = undefined;
    const isStill = this.#context.fault() === fault;
    if (isStill && isAbout(fault, this.#target) && this.#context.isTaken()) {
      this.#takeAnswer(fault);
      this.#giveAnswer(fault);
      return NONE;
    }
    return { bytes: piece.bytes.length, instead: Buffer.concat(held) };
  }

  #takeAnswer(fault: AnsweringFault): void {
    this.#answer = fault;
    this.#context.onStrike();
  }

  #giveAnswer(fault: AnsweringFault): void {
    this.#context.recorder.answered();
    this.finish(encodeAnswer(fault, this.#methods.at(-1)));
  }

  #gateDown(piece: Segment, before: Place): Passage {
    if (before === "between-messages") this.#rewriter = createRewriter(this.#context.fault());
    const passage = this.#passDown(piece);
    // What ends in the middle of a piece ends there, whatever it would have been changed to.
    if (this.#rewriter === undefined || passage.bytes < piece.bytes.length) return passage;
    return { ...passage, instead: this.#rewriter.push(piece) };
  }

  #passDown(piece: Segment): Passage {
    if (this.#isBodyWithheld && piece.part !== "head") {
      this.#down.die();
      return NONE;
    }
    const { length } = piece.bytes;
    if (this.#chunkTimer !== undefined && !isInsideChunk(piece.place)) {
      const farewell = piece.place === "between-chunks" ? LAST_CHUNK : undefined;
      return { bytes: length, last: () => this.finish(farewell) };
    }
    const cutAt = piece.part === "payload" ? this.#cutter?.push(piece.bytes) : undefined;
    return cutAt === undefined ? { bytes: length } : this.#cut(cutAt);
  }

  #cut(bytes: number): Passage {
    const fault = this.#context.fault();
    this.#cutter = undefined;
    this.#context.onStrike();
    if (fault.kind !== "cut" || fault.end === "fin") return { bytes, last: () => this.finish() };
    const resetSoon = () => {
      this.#resetTimer = setTimeout(() => this.reset(), READ_GRACE_MS);
    };
    return { bytes, last: resetSoon };
  }

  #mayHaveBody({ startLine }: MessageHead): boolean {
    const status = Number(startLine.split(" ")[1]);
    if (status < 200 && status !== 101) return false;
    const method = this.#methods.shift();
    return method !== "HEAD" && status !== 204 && status !== 304;
  }

  #endUpstream(ending: Ending): void {
    if (this.#upstream !== undefined) endSocket(this.#upstream, ending);
    else if (ending === "fin") this.#client.end();
    this.#closeWhenDone();
  }

  /** The client's FIN: nothing more will come from it, and as a rule nobody is there any more. */
  #endClient(): void {
    if (this.#isDeaf("client")) this.#client.destroySoon();
    else if (this.#up.mode === "draining") this.#client.end();
    else this.#up.end("fin");
  }

  /** The client's socket is closed; without an error both ends are known to both sides by now. */
  #loseClient(hadError: boolean): void {
    this.#clearTimers();
    if (this.#isDeaf("client")) {
      this.#down.drain();
    } else {
      this.#down.die();
      if (hadError) this.#up.end("reset");
    }
    this.#closeWhenDone();
  }

  #loseUpstream(ending: Ending): void {
    if (this.#client.destroyed) {
      this.#upstream?.destroy();
    } else if (this.#isDeaf("upstream")) {
      // What has been read still reaches the client; its end never does, nor an error of a later write.
      this.#up.drain();
      this.#upstream?.destroy();
    } else {
      this.#down.end(ending);
    }
  }

  #isDeaf(lost: HalfOpenFault["lost"]): boolean {
    const fault = this.#context.fault();
    return fault.kind === "half-open" && fault.lost === lost;
  }

  #dieWhereFrozen(fault: LastingFault): void {
    if (isFrozen(fault, "up")) this.#up.die();
    if (isFrozen(fault, "down")) this.#down.die();
  }

  #recordDown(bytes: number): void {
    this.#idle.touch();
    this.#context.recorder.wroteDown(bytes);
  }

  #drain(): void {
    this.#clearTimers();
    this.#up.drain();
    this.#down.drain();
  }

  #endIdle(): void {
    const fault = this.#context.fault();
    if (fault.kind === "idle-timeout" && fault.end === "reset") this.reset();
    else this.finish();
  }

  #clearTimers(): void {
    this.#idle.set(undefined);
    clearTimeout(this.#chunkTimer);
    clearTimeout(this.#resetTimer);
  }

  #closeWhenDone(): void {
    if (this.#client.destroyed && this.#upstream?.destroyed !== false) this.#context.onClosed();
  }
}

function createCutter({ after, plusBytes = 0, skip = 0 }: CutFault): Cutter {
  const pattern = typeof after === "string" ? Buffer.from(after) : after;
  return new Cutter({ pattern, plusBytes, skip });
}

function isInsideChunk(place: Place): boolean {
  return (
    place === "in-size-line" ||
    place === "in-chunk" ||
    place === "after-chunk" ||
    place === "in-trailers"
  );
}

function endSocket(socket: Socket, ending: Ending): void {
  if (ending === "fin") socket.end();
  else abort(socket);
}

/** Ends a socket with RST where there is a connection to reset. */
function abort(socket: Socket): void {
  if (socket.destroyed || socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

/** An error of a socket is followed by its close, with the same news: that is what is listened to. */
function ignoreError(): void {}
