// Undoes the compression of a body piece by piece, and passes on what there is as soon as it is there.

import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

/** Takes pieces as they come over the wire. */
export interface BodyDecoder {
  push(bytes: Uint8Array): void;
  close(): void;
}

/**
 * A decoder for a content encoding; `undefined` where there is none that fits.
 *
 * @param encoding the value of the header
 * @param onBytes is told of what comes out, soon after it went in
 * @param onDamage is told, at most once, that the body is not what the header says
 */
export function createBodyDecoder(
  encoding: string | undefined,
  onBytes: (bytes: Uint8Array) => void,
  onDamage: () => void,
): BodyDecoder | undefined {
  const name = (encoding ?? "identity").trim().toLowerCase();
  if (name === "identity" || name === "") return { push: onBytes, close: () => {} };
  const stream = decompressor(name);
  if (stream === undefined) return undefined;
  stream.on("data", onBytes);
  stream.once("error", onDamage);
  return {
    push: (bytes) => {
      if (!stream.destroyed) stream.write(bytes);
    },
    close: () => stream.destroy(),
  };
}

/** They pass on what can be decoded, also where the compressor's block has not ended. */
function decompressor(name: string) {
  const flush = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
  if (name === "gzip" || name === "x-gzip") return createGunzip(flush);
  if (name === "deflate") return createInflate(flush);
  if (name === "br") return createBrotliDecompress();
  return undefined;
}
