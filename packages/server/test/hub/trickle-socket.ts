// A reader that takes single bytes from the kernel, for as long as it is told to.

import { once } from "node:events";
import { connect } from "node:net";

/** What it reads at once when it reads as fast as it can. */
const LARGE_BYTES = 64 * 1024;

export interface TrickleSocket {
  /** Bytes that were taken so far. */
  bytes(): number;
  /** Takes everything from now on, as fast as it comes. */
  hurry(): void;
  destroy(): void;
}

/**
 * Asks for a target and takes one byte of the response per `everyMs`, with one call of the system for
 * each; `onText` is given all that comes. A stream of Node that is paused would not do: it takes what is
 * there before it stops.
 */
export async function openTrickleSocket(options: {
  readonly port: number;
  readonly target: string;
  readonly everyMs: number;
  readonly onText: (text: string) => void;
}): Promise<TrickleSocket> {
  const { port, target, everyMs, onText } = options;
  const one = Buffer.alloc(1);
  const large = Buffer.alloc(LARGE_BYTES);
  let isTrickling = true;
  let bytes = 0;
  const socket = connect({
    port,
    host: "127.0.0.1",
    onread: {
      buffer: () => (isTrickling ? one : large),
      callback: (count, buffer) => {
        bytes += count;
        onText(Buffer.from(buffer.subarray(0, count)).toString("latin1"));
        return !isTrickling;
      },
    },
  });
  await once(socket, "connect");
  // It ends when the test destroys it, or with the server.
  socket.on("error", () => {});
  socket.write(`GET ${target} HTTP/1.1\r\nHost: hub\r\n\r\n`);
  const timer = setInterval(() => socket.resume(), everyMs);
  return {
    bytes: () => bytes,
    hurry: () => {
      isTrickling = false;
      clearInterval(timer);
      socket.resume();
    },
    destroy: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
}
