// The command of the gateway from its first line to its last, on a gateway that only remembers.

import { once } from "node:events";
import { connect } from "node:net";
import { createHub } from "@throughline/server/hub";
import { describe, expect, it } from "vitest";
import { type CliHost, EXIT } from "../../src/cli/cli-host.js";
import { createGatewayCommand } from "../../src/cli/gateway-command.js";
import type { Gateway, GatewayOptions } from "../../src/gateway/index.js";

interface Line {
  readonly event: string;
  readonly level: string;
  readonly url?: string;
  readonly routes?: readonly string[];
}

/** A command that runs in this process, and the gateway that it made. */
class Run {
  options: GatewayOptions | undefined;
  readonly closedWithin: unknown[] = [];
  readonly code: Promise<number>;
  readonly lines: Line[] = [];
  #signal = () => {};
  readonly #waiting = new Set<() => void>();

  constructor(...argv: readonly string[]) {
    const command = createGatewayCommand((options) => this.#create(options));
    const now = ["--port", "0", "--log", "memory", "--not-ready-ms", "0", "--drain-ms", "40"];
    this.code = command([...now, "--upstream", "http://127.0.0.1:5000/", ...argv], this.#host());
  }

  stop(): void {
    this.#signal();
  }

  /** Resolves with the first line about something, when it has been written; not after the end. */
  async line(event: string): Promise<Line> {
    for (;;) {
      const line = this.lines.find((each) => each.event === event);
      if (line !== undefined) return line;
      const written = new Promise<void>((resolve) => this.#waiting.add(resolve));
      const end = await Promise.race([written, this.code]);
      if (end !== undefined) throw new Error(`It ended with ${end}.`);
    }
  }

  #create(options: GatewayOptions): Gateway {
    this.options = options;
    const { log, observer, onError } = options;
    const hub = createHub({ log, observer, onError });
    return {
      hub,
      handleNode: (request, response) => {
        response.statusCode = 200;
        response.end(`passed on: ${request.url}`);
      },
      handleUpgrade: (_request, socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
      close: async (how) => {
        this.closedWithin.push(how?.withinMs);
        await hub.close(how);
      },
      stats: () => ({
        streams: 3,
        stale: 1,
        threads: { busy: 2, ghosts: 1, waiting: 0 },
        totals: { requests: 5, stored: 4, known: 3, said: 2, gaps: 1 },
      }),
    };
  }

  #host(): CliHost {
    return {
      environment: {},
      stdin: (async function* () {})(),
      stdout: {
        write: (text) => {
          const lines = text.trimEnd().split("\n");
          this.lines.push(...lines.map((line) => JSON.parse(line) as Line));
          for (const wake of this.#waiting) wake();
          this.#waiting.clear();
        },
      },
      stderr: { write: () => {} },
      onSignal: (listener) => {
        this.#signal = listener;
        return () => {};
      },
      onHangup: () => () => {},
      exit: () => {},
    };
  }
}

describe("throughline gateway", () => {
  it("serves, is watched, and shuts the gateway down in good order", async () => {
    const run = new Run("--max-upstreams", "7", "--trusted-proxies", "10.0.0.0/8,::1");
    const { url = "" } = await run.line("listening");
    expect(run.options).toMatchObject({
      upstream: "http://127.0.0.1:5000",
      maxUpstreams: 7,
      maxConnections: 10_000,
      trustedProxies: ["10.0.0.0/8", "::1"],
      identity: { cookies: ["lokdarpan_session"] },
      check: { path: "/api/v1/status" },
    });
    expect(run.options?.routes.map(({ name }) => name)).toContain("feed");
    expect(await (await fetch(`${url}/api/v1/anything?x=1`)).text()).toBe(
      "passed on: /api/v1/anything?x=1",
    );
    let ready = 503;
    while (ready !== 200) ready = (await fetch(`${url}/throughline/readyz`)).status;
    expect(await (await fetch(`${url}/throughline/metrics`)).text()).toContain(
      "throughline_connections",
    );
    run.stop();
    expect(await run.code).toBe(EXIT.ok);
    expect(run.closedWithin).toEqual([40]);
    await expect(run.options?.log.head("x" as never)).rejects.toThrow();
  });

  it("passes on what asks for another protocol", async () => {
    const run = new Run();
    const { port } = new URL((await run.line("listening")).url ?? "");
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(
      "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    );
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toContain("101 Switching Protocols");
    socket.destroy();
    run.stop();
    expect(await run.code).toBe(EXIT.ok);
  });

  it("says which routes ask for no rights where others may reach it, and only there", async () => {
    // Loopback as well, but the command cannot know it.
    const open = new Run("--host", "::ffff:127.0.0.1");
    expect(await open.line("unchecked-routes")).toMatchObject({
      level: "warn",
      routes: ["agents"],
    });
    open.stop();
    expect(await open.code).toBe(EXIT.ok);
    const local = new Run();
    await local.line("listening");
    local.stop();
    await local.code;
    expect(local.lines.map(({ event }) => event)).not.toContain("unchecked-routes");
  });
});
