import type { PythonValue } from "./python-json.js";

/**
 * What a stream does next. The scripts of the endpoints are plain generators of steps, so that they
 * say what goes over the wire and when, and nothing about sockets.
 */
export type Step =
  | { readonly kind: "event"; readonly value: PythonValue; readonly retryMs?: number | undefined }
  | { readonly kind: "raw"; readonly text: string }
  | { readonly kind: "pause"; readonly ms: number };

/** The wall clock of the server, in epoch milliseconds. */
export type Now = () => number;

/** One unnamed event without id; `retryMs` puts a `retry:` line in front of it. */
export function event(value: PythonValue, retryMs?: number): Step {
  return { kind: "event", value, retryMs };
}

/** Bytes as they are, for the endpoint that breaks its own frames. */
export function raw(text: string): Step {
  return { kind: "raw", text };
}

/** A wait of so many milliseconds in the application, before the server's pace is applied. */
export function pause(ms: number): Step {
  return { kind: "pause", ms };
}
