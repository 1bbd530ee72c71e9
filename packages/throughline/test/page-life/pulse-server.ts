// A page with the drop-in, and a stream with a pulse that falls silent on command.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { bundleScript } from "@throughline/browsers";

export interface PulseServer {
  /** The page; `policy` is its Content-Security-Policy. */
  pageUrl(policy?: string): string;
  /** Requests for the stream, and the cursors they showed. */
  readonly cursors: readonly (string | undefined)[];
  readonly leases: number;
  /** How many streams are open. */
  readonly open: number;
  /** Sends an event to all who are not silenced. */
  publish(data: string): void;
  /** From now on the streams that are open bring nothing more, although they stay open. */
  silence(): void;
  close(): Promise<void>;
}

const HELLO = {
  protocol: 1,
  connection: "c1",
  pulse: { intervalMs: 1000, deadlineMs: 1700 },
  head: "e.1",
  resume: "replay",
  lease: { url: "/lease", everyMs: 30_000 },
};

/** The worker's line, as docs/page-life.md gives it. */
const WORKER_FILE = "onmessage = ({ data: [id, ms] }) => setTimeout(postMessage, ms, id);\n";

/** Starts it. */
export async function startPulseServer(): Promise<PulseServer> {
  const entry = new URL("../../src/client/index.ts", import.meta.url);
  const script = await bundleScript(entry, { name: "throughline" });
  const open = new Set<ServerResponse>();
  const silent = new Set<ServerResponse>();
  const cursors: (string | undefined)[] = [];
  const log: string[] = [];
  let leases = 0;

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const answer = (type: string, text: string) => {
      const policy = searchParams.get("policy");
      const headers = policy === null ? {} : { "content-security-policy": policy };
      response.writeHead(200, { "content-type": type, ...headers }).end(text);
    };
    if (pathname === "/client.js") answer("text/javascript", script);
    else if (pathname === "/timers.js") answer("text/javascript", WORKER_FILE);
    else if (pathname === "/lease") {
      leases += 1;
      response.writeHead(200).end();
    } else if (pathname === "/feed") {
      const cursor = request.headers["last-event-id"]?.toString();
      cursors.push(cursor);
      response.writeHead(200, {
        "content-type": "text/event-stream",
        "throughline-pulse": "interval=1000, deadline=1700",
      });
      response.write(`event: throughline.hello\ndata: ${JSON.stringify(HELLO)}\n\n`);
      const from = cursor === undefined ? log.length : Number(cursor.split(".")[1]);
      response.write(log.slice(from).join(""));
      open.add(response);
      response.on("close", () => open.delete(response));
    } else
      answer("text/html", '<!doctype html><title>page</title><script src="/client.js"></script>');
  });
  const write = (text: string) => {
    for (const response of open) if (!silent.has(response)) response.write(text);
  };
  const pulse = setInterval(() => write(":\n\n"), 1000);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    pageUrl: (policy) => `${origin}/${policy ? `?policy=${encodeURIComponent(policy)}` : ""}`,
    cursors,
    get open() {
      return open.size;
    },
    get leases() {
      return leases;
    },
    publish: (data) => {
      const block = `id: e.${log.length + 1}\ndata: ${data}\n\n`;
      log.push(block);
      write(block);
    },
    silence: () => {
      for (const response of open) silent.add(response);
    },
    close: async () => {
      clearInterval(pulse);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
