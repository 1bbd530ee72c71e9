// One request on its way through to the backend: how long it may take, and how it ends on one side when
// it ended on the other.

import type { ClientRequest, IncomingMessage } from "node:http";
import type { NodeRequest, NodeResponse } from "../hub/index.js";
import { breakOff } from "../hub/node-sink.js";
import {
  BACKEND_TIMEOUT,
  BACKEND_UNAVAILABLE,
  BODY_TOO_SLOW,
  type PassProblem,
  writeProblem,
} from "./pass-answers.js";
import { failureOf, type PassFailure } from "./pass-failure.js";
import {
  mergedResponseHeaders,
  prepareUpstreamHeaders,
  rawResponseHeaders,
} from "./pass-headers.js";
import type { SocketEnds } from "./socket-ends.js";

/** How long a body is read away after its answer. As nginx does it, `lingering_timeout`, twice over. */
const LINGER_MS = 10_000;

export interface PassedRequestOptions {
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  /** Milliseconds for the head of the answer, counted anew while the body is still leaving. */
  readonly answerMs: number;
  /** Milliseconds without a byte in either direction after which both sides are broken off. */
  readonly silenceMs: number;
  readonly ends: SocketEnds;
  readonly onFailure: (failure: PassFailure) => void;
  /** It is over on the reader's side. Called once, and not before the constructor has returned. */
  readonly onClose: () => void;
}

/** One request that is being passed on. */
export class PassedRequest {
  readonly #options: PassedRequestOptions;
  #outgoing: ClientRequest | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Somebody has answered: the backend, or this gateway in its place. */
  #isAnswered = false;
  #isClosed = false;
  #stopWatching: (() => void) | undefined;

  constructor(options: PassedRequestOptions) {
    this.#options = options;
    const { request, response, ends } = options;
    response.once("close", () => this.#close());
    if (!("stream" in request)) {
      this.#stopWatching = ends.watch(request.socket, () => this.#close());
    }
    // A stream that its reader resets without an error is closed by Node only when all that waits has
    // been taken, which never happens.
    if ("stream" in response) response.stream.once("aborted", () => response.stream.destroy());
    this.#watch();
  }

  /** The request is about to leave: nothing of it is written yet. */
  leave(outgoing: ClientRequest): void {
    if (this.#isAnswered || this.#isClosed) {
      outgoing.destroy();
      return;
    }
    this.#outgoing = outgoing;
    try {
      prepareUpstreamHeaders(outgoing, this.#options.request);
    } catch (error) {
      // Node parsed a header that it would not write. Nobody above would catch it.
      this.fail(error);
      return;
    }
    const { socket } = outgoing;
    // A peer that vanished without a word is found out by TCP; one that hangs, by the silence.
    socket?.setKeepAlive(true, 30_000);
    socket?.setNoDelay(true);
    socket?.setTimeout(this.#options.silenceMs, () => socket.destroy());
  }

  /** The head of the backend's response has come. */
  answer(incoming: IncomingMessage): void {
    const { response } = this.#options;
    if (this.#isAnswered || this.#isClosed) {
      incoming.destroy();
      return;
    }
    this.#isAnswered = true;
    clearTimeout(this.#timer);
    try {
      this.#writeHead(incoming);
    } catch (error) {
      // Node parsed a header that it would not write.
      incoming.destroy();
      this.#options.onFailure(failureOf(this.#options.request, error));
      if (response.headersSent) {
        breakOff(response);
      } else {
        writeProblem(response, BACKEND_UNAVAILABLE);
        this.#end();
      }
      return;
    }
    // Whoever takes a response for whole that was cut has been lied to.
    incoming.once("close", () => {
      if (!incoming.complete && !this.#isClosed) this.#cut();
    });
    incoming.on("error", ignore);
    incoming.once("end", () => {
      if (incoming.rawTrailers.length > 0) response.addTrailers(incoming.trailers);
      this.#end();
    });
    incoming.pipe(response, { end: false });
  }

  /** The backend cannot be asked, or broke off before it answered. */
  fail(error: unknown): void {
    // After its head the response itself tells how it ends: a backend may answer, and close, before it
    // has read all of a body.
    if (this.#isAnswered || this.#isClosed) return;
    this.#options.onFailure(failureOf(this.#options.request, error));
    this.refuse(isTimeout(error) ? BACKEND_TIMEOUT : BACKEND_UNAVAILABLE);
  }

  /** Answers in the backend's place, unless somebody has answered. */
  refuse(problem: PassProblem): void {
    if (this.#isAnswered || this.#isClosed) return;
    this.#isAnswered = true;
    clearTimeout(this.#timer);
    const { request, response } = this.#options;
    this.#outgoing?.destroy();
    writeProblem(response, problem);
    request.unpipe();
    request.resume();
    this.#end();
  }

  /** Breaks it off on both sides, answered or not. */
  abort(): void {
    if (!this.#isClosed) breakOff(this.#options.response);
  }

  #writeHead(incoming: IncomingMessage): void {
    const { request, response } = this.#options;
    const status = incoming.statusCode ?? 502;
    if ("stream" in response) {
      response.writeHead(status, mergedResponseHeaders(incoming));
      return;
    }
    const maySendTrailers =
      request.httpVersion === "1.1" && incoming.headers["content-length"] === undefined;
    const headers = rawResponseHeaders(incoming, { maySendTrailers });
    response.writeHead(status, incoming.statusMessage ?? "", headers);
    // Without this the head would wait for the first byte of the body, which may be long in coming.
    // `flushHeaders` would write it as UTF-8, and so change what a backend wrote beyond ASCII.
    response.write("", "latin1");
  }

  /**
   * Ends the response. What still comes of the request's body is read away before, for a while: closing
   * with bytes unread would reset the connection, and take the answer with it.
   */
  #end(): void {
    const { request, response } = this.#options;
    if (request.complete || "stream" in response) {
      response.end();
      return;
    }
    const timer = setTimeout(() => response.end(), LINGER_MS).unref();
    request.once("close", () => {
      clearTimeout(timer);
      response.end();
    });
  }

  #watch(): void {
    const leftBytes = this.#outgoing?.socket?.bytesWritten ?? 0;
    this.#timer = setTimeout(() => {
      if ((this.#outgoing?.socket?.bytesWritten ?? 0) > leftBytes) this.#watch();
      else this.#expire();
    }, this.#options.answerMs).unref();
  }

  #expire(): void {
    const { request, onFailure } = this.#options;
    const isReaderSlow =
      !request.complete && this.#outgoing !== undefined && !this.#outgoing.writableNeedDrain;
    if (isReaderSlow) {
      this.refuse(BODY_TOO_SLOW);
      return;
    }
    onFailure(failureOf(request, { code: "ETIMEDOUT" }));
    this.refuse(BACKEND_TIMEOUT);
  }

  #cut(): void {
    this.#options.onFailure(failureOf(this.#options.request, { code: "ECONNRESET" }));
    breakOff(this.#options.response);
  }

  /** The response is over, whole or not: nobody waits for the backend any more. */
  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopWatching?.();
    clearTimeout(this.#timer);
    this.#outgoing?.destroy();
    this.#options.onClose();
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ETIMEDOUT";
}

/** The end of a response that broke is seen in its `close`; the event must have a listener. */
function ignore(): void {}
