// Reads the body of a request, but not more than is allowed.

import type { Readable } from "node:stream";
import type { BodyResult } from "./exchange.js";
import type { BodyWatch } from "./limits/bodies.js";

/** Reads chunks to the end as UTF-8 text. Stops when there are too many, or the watch has enough. */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  watch?: BodyWatch,
): Promise<BodyResult> {
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  try {
    for await (const chunk of body) {
      byteLength += chunk.byteLength;
      if (byteLength > maxBytes) return { kind: "too-large" };
      if (watch?.onBytes(chunk.byteLength) === false) return { kind: "aborted" };
      chunks.push(chunk);
    }
  } catch {
    // Whatever broke the body off, there is nobody left who waits for an answer.
    return { kind: "aborted" };
  }
  return decodeUtf8(chunks);
}

/**
 * The same for a stream of Node, by its events: iterating over it costs as much as all else that a
 * small publishing request does in the hub.
 */
export function readStream(
  body: Readable,
  maxBytes: number,
  watch?: BodyWatch,
): Promise<BodyResult> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let byteLength = 0;
    const settle = (result: BodyResult) => {
      body.off("data", onData).off("end", onEnd).off("close", onBroken);
      resolve(result);
    };
    const stop = (kind: "too-large" | "aborted") => {
      // What is left is not wanted, and must not fill the memory.
      body.pause();
      settle({ kind });
    };
    const onData = (chunk: Uint8Array) => {
      byteLength += chunk.byteLength;
      if (byteLength > maxBytes) stop("too-large");
      else if (watch?.onBytes(chunk.byteLength) === false) stop("aborted");
      else chunks.push(chunk);
    };
    const onEnd = () => settle(decodeUtf8(chunks));
    // Whatever broke the body off, there is nobody left who waits for an answer.
    const onBroken = () => settle({ kind: "aborted" });
    // What somebody has read before us says nothing any more.
    if (body.readableEnded) onEnd();
    else if (body.destroyed) onBroken();
    else body.on("data", onData).on("end", onEnd).on("close", onBroken).on("error", ignore);
  });
}

/** What breaks is also closed, which is what counts; the event must have a listener. */
function ignore(): void {}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Bytes as text, if they are UTF-8. */
export function decodeUtf8(chunks: readonly Uint8Array[]): BodyResult {
  try {
    const [first] = chunks;
    const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    const text = decoder.decode(whole);
    return { kind: "text", text };
  } catch {
    // The only error that a fatal decoder throws.
    return { kind: "not-utf8" };
  }
}
