// Reads the body of a request, but not more than is allowed.

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

/** Bytes as text, if they are UTF-8. */
export function decodeUtf8(chunks: readonly Uint8Array[]): BodyResult {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
    return { kind: "text", text };
  } catch {
    // The only error that a fatal decoder throws.
    return { kind: "not-utf8" };
  }
}
