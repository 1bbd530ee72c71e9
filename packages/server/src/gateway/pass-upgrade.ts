// WebSockets on their way through: the handshake with its time limit, and two sockets that end together.

import type { ClientRequest, IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  BACKEND_TIMEOUT,
  BACKEND_UNAVAILABLE,
  type PassProblem,
  refuseUpgrade,
} from "./pass-answers.js";
import { failureOf, type PassFailure } from "./pass-failure.js";
import { prepareUpstreamHeaders } from "./pass-headers.js";

export interface PassedUpgradeOptions {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** Milliseconds without a byte in either direction after which both sides are broken off. */
  readonly silenceMs: number;
  readonly onFailure: (failure: PassFailure) => void;
}

/** One upgrade that is being passed on. */
export class PassedUpgrade {
  readonly #options: PassedUpgradeOptions;
  #outgoing: ClientRequest | undefined;
  #backend: Socket | undefined;
  /** The backend has said something: what follows is between the two. */
  #isAnswered = false;

  constructor(options: PassedUpgradeOptions) {
    this.#options = options;
    options.socket.once("close", () => {
      this.#outgoing?.destroy();
      // What was written to the backend before is still sent.
      this.#backend?.destroySoon();
    });
  }

  /** The handshake is about to leave: nothing of it is written yet. */
  leave(outgoing: ClientRequest): void {
    const { request, socket, silenceMs } = this.#options;
    this.#outgoing = outgoing;
    // What throws here reaches `fail`: unlike for requests, the proxy catches it.
    prepareUpstreamHeaders(outgoing, request);
    // Both speak to the next hop alone, and the next hop is meant here.
    outgoing.setHeader("connection", "Upgrade");
    outgoing.setHeader("upgrade", request.headers.upgrade ?? "websocket");
    outgoing.once("response", () => {
      this.#isAnswered = true;
    });
    outgoing.once("upgrade", (_response, backend) => {
      this.#isAnswered = true;
      this.#backend = backend;
      backend.once("close", () => endSoon(socket));
      // Half of a WebSocket is of no use: who ends their side is taken to be gone.
      socket.once("end", () => backend.destroySoon());
      if (socket.destroyed) backend.destroy();
      // The proxy listens after this, and takes the time limit away.
      setImmediate(() => backend.setTimeout(silenceMs, () => backend.destroy()));
    });
  }

  /** The backend cannot be reached, broke off, or took too long. */
  fail(error: unknown): void {
    const { request, socket, onFailure } = this.#options;
    const isLeft = socket.destroyed;
    if (!isLeft) onFailure(failureOf(request, error));
    if (this.#isAnswered || isLeft) return;
    this.#isAnswered = true;
    this.refuse(isTimeout(error) ? BACKEND_TIMEOUT : BACKEND_UNAVAILABLE);
  }

  refuse(problem: PassProblem): void {
    refuseUpgrade(this.#options.socket, problem);
  }

  abort(): void {
    this.#options.socket.destroy();
  }
}

/** Closes after what is queued has been sent; a peer that keeps its side open is not waited for. */
function endSoon(socket: Duplex): void {
  if (socket instanceof Socket) socket.destroySoon();
  else socket.destroy();
}

function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "ERR_UPSTREAM_UPGRADE_TIMEOUT" || error.code === "ETIMEDOUT";
}
