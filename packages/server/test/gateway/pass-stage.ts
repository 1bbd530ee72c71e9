// A backend, and a server before it that passes everything through.

import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  request,
  type Server,
} from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import type { PassFailure } from "../../src/gateway/pass-failure.js";
import {
  createPassThrough,
  type PassThrough,
  type PassThroughOptions,
} from "../../src/gateway/pass-through.js";
import { RawSocket } from "../hub/raw-socket.js";

export async function listen(server: NetServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

export interface Got {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly trailers: IncomingMessage["trailers"];
  readonly body: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export class PassStage {
  readonly failures: PassFailure[] = [];
  readonly backend: Server;
  readonly server: Server;
  pass: PassThrough;
  port = 0;
  backendPort = 0;

  private constructor(answer: RequestListener) {
    this.backend = createServer(answer);
    this.server = createServer((request, response) => this.pass.handleNode(request, response));
    this.server.on("upgrade", (request, socket, head) => {
      this.pass.handleUpgrade(request, socket, head);
    });
    this.pass = { handleNode: unset, handleUpgrade: unset, close: async () => {} };
  }

  static async open(
    answer: RequestListener,
    options: Partial<PassThroughOptions> = {},
  ): Promise<PassStage> {
    const stage = new PassStage(answer);
    stage.backendPort = await listen(stage.backend);
    stage.use(options);
    stage.port = await listen(stage.server);
    return stage;
  }

  /** Another way through to the same backend. */
  use(options: Partial<PassThroughOptions>): void {
    this.pass = createPassThrough({
      upstream: new URL(`http://127.0.0.1:${this.backendPort}`),
      onError: (failure) => this.failures.push(failure),
      ...options,
    });
  }

  /** Asks the way through, and waits for the whole answer. */
  async ask(path: string, options: AskOptions = {}): Promise<Got> {
    const response = await this.begin(path, options);
    let body = "";
    response.setEncoding("latin1");
    for await (const chunk of response) body += String(chunk);
    return {
      status: response.statusCode ?? 0,
      statusText: response.statusMessage ?? "",
      headers: response.headers,
      rawHeaders: response.rawHeaders,
      trailers: response.trailers,
      body,
    };
  }

  /** Asks, and waits for the head of the answer. */
  async begin(path: string, { body, ...options }: AskOptions = {}): Promise<IncomingMessage> {
    const asked = request({ port: this.port, host: "127.0.0.1", path, agent: false, ...options });
    asked.end(body);
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    return response;
  }

  raw(): Promise<RawSocket> {
    return RawSocket.open(this.port);
  }

  async close(): Promise<void> {
    await this.pass.close();
    for (const server of [this.server, this.backend]) {
      server.close();
      server.closeAllConnections();
    }
  }
}

function unset(): void {
  throw new Error("There is no way through yet.");
}
