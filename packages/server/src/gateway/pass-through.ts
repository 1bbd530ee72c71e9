// Everything that is not a stream of the gateway's own goes through to the backend as it is, and comes
// back as it is. The proxying is httpxy's; docs/decisions/0011-pass-through.md says what is not, and why.

import { type Agent, type IncomingMessage, ServerResponse } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ProxyServer } from "httpxy";
import type { NodeRequest, NodeResponse } from "../hub/index.js";
import {
  GATEWAY_SHUTTING_DOWN,
  type PassProblem,
  refuseUpgrade,
  TOO_MANY_REQUESTS,
  writeProblem,
} from "./pass-answers.js";
import type { PassFailure } from "./pass-failure.js";
import { PassedRequest } from "./pass-request.js";
import { PassedUpgrade } from "./pass-upgrade.js";
import { PatientAgent } from "./patient-socket.js";
import { SocketEnds } from "./socket-ends.js";

export interface PassThroughOptions {
  /** Origin of the backend. */
  readonly upstream: URL;
  /** Told of every request that the backend did not answer or broke off; not of readers who left. */
  readonly onError: (failure: PassFailure) => void;
  /**
   * Milliseconds that the backend may take for the head of an answer; counted anew while the request's
   * body is still leaving. Default 120 000: as long as gunicorn's workers may take in production.
   */
  readonly answerMs?: number | undefined;
  /**
   * Milliseconds without a byte in either direction after which a response or a WebSocket is broken
   * off. Default 3 600 000: an SSE response may be silent for long, but nothing is open for ever.
   */
  readonly silenceMs?: number | undefined;
  /** Most connections to the backend for requests at a time; others wait. Default 256. */
  readonly maxSockets?: number | undefined;
  /** Most requests at a time, those that wait among them; more are answered 503. Default 1024. */
  readonly maxRequests?: number | undefined;
  /** Most WebSockets at a time; more are answered 503. Default 1024. */
  readonly maxUpgrades?: number | undefined;
}

/** A way through to the backend. Its methods are bound. */
export interface PassThrough {
  /** Passes a request of `node:http` or `node:http2` on. Never throws. */
  readonly handleNode: (request: NodeRequest, response: NodeResponse) => void;
  /**
   * Passes an upgrade on, for the `upgrade` event of a server. WebSockets are; for everything else the
   * wish to upgrade is ignored, as RFC 9110 §7.8 allows.
   */
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /**
   * Answers whatever is new with 503 from now on, waits for the requests under way, and breaks off
   * what is left after `withinMs` (default 0), WebSockets among them.
   */
  readonly close: (options?: { readonly withinMs?: number | undefined }) => Promise<void>;
}

/** Passes requests to a backend. */
export function createPassThrough(options: PassThroughOptions): PassThrough {
  const way = new Way(options);
  return {
    handleNode: (request, response) => way.pass(request, response),
    handleUpgrade: (request, socket, head) => way.upgrade(request, socket, head),
    close: ({ withinMs = 0 } = {}) => way.close(withinMs),
  };
}

class Way {
  readonly #options: Required<{
    [Key in keyof PassThroughOptions]: Exclude<PassThroughOptions[Key], undefined>;
  }>;
  readonly #proxy: ProxyServer<NodeRequest, NodeResponse>;
  /**
   * A connection for each request. One that is kept may be closed by the backend in the moment in which
   * it is used again, and a request that was lost so cannot always be repeated; gunicorn closes after
   * 2 s, its plain workers at once. What is saved is a handshake within a machine or a rack.
   */
  readonly #agent: Agent;
  readonly #requests = new Map<NodeResponse, PassedRequest>();
  readonly #upgrades = new Map<Duplex, PassedUpgrade>();
  readonly #ends = new SocketEnds();
  #isClosing = false;
  #onEmpty: (() => void) | undefined;

  constructor({ upstream, onError, ...limits }: PassThroughOptions) {
    const { answerMs = 120_000, silenceMs = 3_600_000 } = limits;
    const { maxSockets = 256, maxRequests = 1024, maxUpgrades = 1024 } = limits;
    this.#options = {
      upstream,
      onError,
      answerMs,
      silenceMs,
      maxSockets,
      maxRequests,
      maxUpgrades,
    };
    const secure = upstream.protocol === "https:";
    this.#agent = secure
      ? new SecureAgent({ keepAlive: false, maxSockets })
      : new PatientAgent({ keepAlive: false, maxSockets });
    this.#proxy = new ProxyServer<NodeRequest, NodeResponse>({
      target: {
        protocol: upstream.protocol,
        // In a URL an address of IPv6 stands in brackets, and nowhere else.
        hostname: upstream.hostname.replace(/^\[(.*)\]$/, "$1"),
        port: upstream.port,
      },
      // The head of responses is written by `PassedRequest`.
      selfHandleResponse: true,
      upgradeTimeout: answerMs,
    });
    this.#proxy.on("proxyReq", (outgoing, _request, response) => {
      const passed = this.#requests.get(response);
      // Whoever left while the request waited for a connection has been forgotten.
      if (passed === undefined) outgoing.destroy();
      else passed.leave(outgoing);
    });
    this.#proxy.on("proxyRes", (incoming, _request, response) => {
      this.#requests.get(response)?.answer(incoming);
    });
    this.#proxy.on("proxyReqWs", (outgoing, _request, socket) => {
      this.#upgrades.get(socket)?.leave(outgoing);
    });
    this.#proxy.on("error", (error, _request, target) => {
      if (target instanceof Socket) this.#upgrades.get(target)?.fail(error);
      else if (target !== undefined) this.#requests.get(target)?.fail(error);
    });
  }

  pass(request: NodeRequest, response: NodeResponse): void {
    // Whoever left while somebody thought about where their request goes.
    if (isGone(request, response)) return;
    const problem = this.#refusalOf(request) ?? this.#fullness(this.#requests.size, "maxRequests");
    if (problem !== undefined) {
      // With a request that could be read in two ways, whatever comes after it is not read at all.
      if (problem.status < 500 && !("stream" in response)) response.shouldKeepAlive = false;
      writeProblem(response, problem);
      response.end();
      return;
    }
    const { answerMs, silenceMs, onError } = this.#options;
    const passed = new PassedRequest({
      request,
      response,
      answerMs,
      silenceMs,
      ends: this.#ends,
      onFailure: onError,
      onClose: () => this.#forget(this.#requests, response),
    });
    this.#requests.set(response, passed);
    // Node has answered the expectation already, before it handed out the request.
    delete request.headers.expect;
    // An agent's `keepAlive: false` is not enough: it would hand a connection on to whoever waits.
    const headers = { connection: "close" };
    const done = this.#proxy.web(request, response, { agent: this.#agent, headers });
    // It fails where the request could not even be made. Everything else comes as an event.
    done.catch((error: unknown) => passed.fail(error));
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // The proxy listens from the handshake on; a socket must never be without a listener.
    socket.on("error", ignore);
    if (request.headers.upgrade?.toLowerCase() !== "websocket" || request.method !== "GET") {
      this.#passWithoutUpgrade(request, socket);
      return;
    }
    const problem = this.#refusalOf(request) ?? this.#fullness(this.#upgrades.size, "maxUpgrades");
    if (socket.destroyed) return;
    if (problem !== undefined || !(socket instanceof Socket)) {
      refuseUpgrade(socket, problem ?? NO_UPGRADE);
      return;
    }
    const { silenceMs, onError } = this.#options;
    const passed = new PassedUpgrade({ request, socket, silenceMs, onFailure: onError });
    this.#upgrades.set(socket, passed);
    socket.once("close", () => this.#forget(this.#upgrades, socket));
    const done = this.#proxy.ws(request, socket, { agent: false }, head);
    done.catch((error: unknown) => passed.fail(error));
  }

  async close(withinMs: number): Promise<void> {
    this.#isClosing = true;
    if (withinMs > 0 && this.#requests.size > 0) await this.#emptied(withinMs);
    for (const passed of [...this.#requests.values(), ...this.#upgrades.values()]) passed.abort();
    this.#agent.destroy();
  }

  /** Upgrades such as `h2c`: answered as if they had not asked, and closed, for nobody parses any more. */
  #passWithoutUpgrade(request: IncomingMessage, socket: Duplex): void {
    const { headers } = request;
    const hasBody =
      headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
    if (hasBody || !(socket instanceof Socket)) {
      // The body was not parsed, and cannot be any more.
      refuseUpgrade(socket, NO_UPGRADE);
      return;
    }
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once("finish", () => socket.destroySoon());
    this.pass(request, response);
  }

  #refusalOf(request: NodeRequest): PassProblem | undefined {
    if (this.#isClosing) return GATEWAY_SHUTTING_DOWN;
    // Proxies are asked with whole addresses, and this is none.
    if (!request.url?.startsWith("/")) return BAD_TARGET;
    const encoding = request.headers["transfer-encoding"];
    if (encoding === undefined) return undefined;
    // Node refuses both together itself; two that read a request differently is what smuggling needs.
    if (request.headers["content-length"] !== undefined) return BAD_FRAMING;
    return encoding.trim().toLowerCase() === "chunked" ? undefined : BAD_ENCODING;
  }

  #fullness(count: number, bound: "maxRequests" | "maxUpgrades"): PassProblem | undefined {
    return count < this.#options[bound] ? undefined : TOO_MANY_REQUESTS;
  }

  #forget<Key>(from: Map<Key, unknown>, key: Key): void {
    from.delete(key);
    if (this.#requests.size === 0) this.#onEmpty?.();
  }

  async #emptied(withinMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const NO_UPGRADE: PassProblem = {
  status: 501,
  code: "unsupported-upgrade",
  detail: "Only WebSockets are upgraded here. Ask again without the header Upgrade.",
};

const BAD_TARGET: PassProblem = {
  status: 400,
  code: "invalid-request",
  detail: "The target of a request has to be a path.",
};

const BAD_FRAMING: PassProblem = {
  status: 400,
  code: "invalid-request",
  detail: "A request has a Content-Length or a Transfer-Encoding, not both.",
};

const BAD_ENCODING: PassProblem = {
  status: 400,
  code: "invalid-request",
  detail: "The only transfer coding that is understood here is chunked.",
};

/** Nobody will be told of its end any more, for it was told already. */
function isGone(request: NodeRequest, response: NodeResponse): boolean {
  if ("stream" in response) return response.stream.destroyed;
  return response.destroyed || request.socket.destroyed;
}

/** A socket that fails is also closed, which is what counts. */
function ignore(): void {}
