// Feeds a parser, and writes down what it says.

import { createParser, type ParserOptions } from "throughline/core";
import type { Reading } from "./vectors.js";

/** Everything a parser says of some chunks, one connection. */
export function read(chunks: Iterable<string | Uint8Array>, options: ParserOptions = {}): Reading {
  const events: Reading["events"][number][] = [];
  const comments: string[] = [];
  const retries: number[] = [];
  const idsAlone: string[] = [];
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = createParser(
    {
      onEvent: ({ type, data, lastEventId, id }) => events.push({ type, data, lastEventId, id }),
      onComment: (text) => comments.push(text),
      onRetry: (ms) => retries.push(ms),
      onId: (id) => idsAlone.push(id),
    },
    { decoder, ...options },
  );
  for (const chunk of chunks) parser.push(chunk);
  return { events, comments, retries, idsAlone, lastEventId: parser.lastEventId };
}

/** A text cut into pieces of at most `size`. */
export function pieces<T extends { slice(from: number, to: number): T; length: number }>(
  whole: T,
  size: number,
): T[] {
  const count = Math.ceil(whole.length / size);
  return Array.from({ length: count }, (_, i) => whole.slice(i * size, (i + 1) * size));
}

/** A text cut at the given places. */
export function cutAt<T extends { slice(from: number, to: number): T; length: number }>(
  whole: T,
  places: readonly number[],
): T[] {
  const ends = [
    ...places.map((place) => place % (whole.length + 1)).sort((a, b) => a - b),
    whole.length,
  ];
  return ends.map((end, i) => whole.slice(ends[i - 1] ?? 0, end));
}

export const bytesOf = (text: string) => new TextEncoder().encode(text);
