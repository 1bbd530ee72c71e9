// A client that sees the wire and nothing else: which bytes came, and how the connection ended.

import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** How a connection ended for its client. */
export type SeenEnd = "fin" | "reset" | "refused";

export interface RawClient {
  readonly socket: Socket;
  /** Everything that came, one character for each byte. */
  readonly text: string;
  /** Resolves when the connection is over. */
  readonly end: Promise<SeenEnd>;
  /** What `end` resolved with; `undefined` while the connection is open. */
  readonly seenEnd: SeenEnd | undefined;
  /** Sends a request without a body. */
  get(target?: string): void;
  /** Resolves once the text has come. */
  sees(text: string): Promise<void>;
  /** Waits so long and returns what came meanwhile. */
  listen(forMs: number): Promise<string>;
}

/** Connects, and closes the connection when the test is over. */
export function openClient(port: number): RawClient {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  let text = "";
  let seenEnd: SeenEnd | undefined;
  const watchers = new Set<() => void>();
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (const watcher of watchers) watcher();
  });
  const end = new Promise<SeenEnd>((resolve) => {
    const settle = (seen: SeenEnd) => {
      seenEnd ??= seen;
      resolve(seenEnd);
    };
    socket.on("end", () => settle("fin"));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      settle(error.code === "ECONNREFUSED" ? "refused" : "reset");
    });
  });
  onTestFinished(() => {
    socket.destroy();
  });
  return {
    socket,
    end,
    get text() {
      return text;
    },
    get seenEnd() {
      return seenEnd;
    },
    get(target = "/stream") {
      socket.write(`GET ${target} HTTP/1.1\r\nHost: test\r\n\r\n`);
    },
    async sees(wanted) {
      await new Promise<void>((resolve) => {
        const watcher = () => {
          if (!text.includes(wanted)) return;
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
      });
    },
    async listen(forMs) {
      const before = text.length;
      await wait(forMs);
      return text.slice(before);
    },
  };
}
