// A worker: a hub whose connections and log come from another process, the primary.

import { Socket } from "node:net";
import { StreamError } from "throughline/core";
import { createHub, type HubPeers } from "../../hub/index.js";
import { createLogChannel, createRemoteLog } from "../../log/index.js";
import { createMetrics } from "../../operations/metrics.js";
import { createOperatorLog, type OperatorLog } from "../../operations/operator-log.js";
import { type AssembledServer, assembleServer, type ServerParts } from "../assemble-server.js";
import { buildHubOptions } from "../build-hub-options.js";
import type { ServeConfig } from "../config/serve-settings.js";
import { UsageError } from "../config/usage-error.js";
import { readCertificate } from "../secure-server.js";
import { LOG_DESCRIPTOR, type ToPrimary, type ToWorker } from "./control.js";
import { listenNowhere } from "./listen-nowhere.js";
import { Asking } from "./questions.js";
import { shareOfWorker } from "./shares.js";
import { createWorkerPeers } from "./worker-peers.js";

/** How often the primary is told that this process is alive, in milliseconds. */
const SIGN_OF_LIFE_MS = 1000;

/** The primary, as a worker sees it. */
export interface Primary {
  tell(message: ToPrimary): void;
  /** Calls a listener with everything that it says, and the socket that comes with it. */
  listen(listener: (message: ToWorker, socket: Socket | undefined) => void): void;
  /** Ends this process, once a last word has been said. */
  exit(code: number, lastWord?: ToPrimary): void;
}

/** Works until it is told to end. */
export function work(primary: Primary): void {
  let worker: Worker | undefined;
  primary.listen((message, socket) => {
    if (message.kind !== "begin") worker?.take(message, socket);
    else {
      worker = new Worker(primary, message.worker, message.config);
      void worker.start();
    }
  });
}

class Worker {
  readonly #primary: Primary;
  readonly #config: ServeConfig;
  readonly #lines: OperatorLog;
  readonly #metrics;
  readonly #asking: Asking;
  readonly #peers: HubPeers;
  #assembled: AssembledServer | undefined;
  /** Connections that are over, of this turn. */
  #left = 0;

  constructor(primary: Primary, number: number, config: ServeConfig) {
    this.#primary = primary;
    this.#config = config;
    this.#lines = createOperatorLog({ level: config.logLevel, fields: { worker: number } });
    this.#metrics = createMetrics({ processMetrics: config.processMetrics });
    this.#asking = new Asking((message) => primary.tell(message), {
      snapshot: () => this.#metrics.snapshot(),
      lease: ({ renewal }) => this.#assembled?.service.hub.renewLease(renewal),
    });
    this.#peers = createWorkerPeers(this.#asking, (uses) => primary.tell({ kind: "uses", uses }));
  }

  async start(): Promise<void> {
    try {
      const assembled = this.#assemble();
      this.#assembled = assembled;
      await listenNowhere(assembled.server);
      this.#primary.tell({ kind: "serving", hubId: assembled.service.hub.id });
      setInterval(() => this.#tellReadiness(), SIGN_OF_LIFE_MS);
    } catch (error) {
      const isExpected = error instanceof UsageError || error instanceof StreamError;
      const stack = error instanceof Error ? error.stack : undefined;
      const message = isExpected ? error.message : (stack ?? String(error));
      this.#primary.exit(1, { kind: "failed", message, isExpected });
    }
  }

  take(message: Exclude<ToWorker, { readonly kind: "begin" }>, socket: Socket | undefined): void {
    switch (message.kind) {
      case "question":
      case "answer":
        this.#asking.take(message);
        break;
      case "connection":
        this.#primary.tell({ kind: "taken" });
        this.#serve(socket);
        break;
      case "uses":
        this.#assembled?.service.hub.countElsewhere(message.uses);
        break;
      case "renew-certificate":
        this.#assembled?.renewCertificate?.();
        break;
      case "drain":
        void this.#drain();
        break;
      default:
        this.#primary.exit(0);
    }
  }

  #assemble(): AssembledServer {
    const config = this.#config;
    const lines = this.#lines;
    const socket = new Socket({ fd: LOG_DESCRIPTOR, readable: true, writable: true });
    const log = createRemoteLog(createLogChannel(socket), {
      onListenerError: (error, stream) => lines.onError(error, { operation: "deliver", stream }),
    });
    const parts: ServerParts = {
      config,
      lines: {
        ...lines,
        healthObserver: (notice) => {
          lines.healthObserver(notice);
          if (notice.kind === "health-changed") this.#tellReadiness();
        },
      },
      build: (hubParts) => {
        const options = buildHubOptions(shareOfWorker(config), hubParts);
        const hub = createHub({ ...options, peers: this.#peers });
        return { handleNode: hub.handleNode, close: hub.close, hub };
      },
    };
    const shown = {
      text: async () => (await this.#asking.ask("metrics", null)) ?? "",
      contentType: this.#metrics.contentType,
    };
    const certificate = readCertificate(config);
    return assembleServer(parts, { log, metrics: this.#metrics, shown, certificate });
  }

  #serve(socket: Socket | undefined): void {
    // Whoever asked for it may have gone while it was on its way.
    if (socket === undefined) {
      this.#leave();
      return;
    }
    socket.once("close", () => this.#leave());
    this.#assembled?.server.emit("connection", socket);
  }

  #leave(): void {
    if (this.#left === 0) {
      setImmediate(() => {
        this.#primary.tell({ kind: "left", count: this.#left });
        this.#left = 0;
      });
    }
    this.#left += 1;
  }

  #tellReadiness(): void {
    const readiness = this.#assembled?.health.ready();
    if (readiness !== undefined) this.#primary.tell({ kind: "readiness", readiness });
  }

  async #drain(): Promise<void> {
    await this.#assembled?.drain();
    this.#primary.tell({ kind: "drained" });
  }
}
