// What the proxy says where it answers in the server's place.

import { STATUS_CODES } from "node:http";
import type { AnsweringFault, HttpErrorFault } from "./fault.js";

/** Noise that is sent unless the fault says how much. */
const DEFAULT_GARBAGE_BYTES = 4096;

/** An event stream without an end of its own: the close of the connection ends it. */
const EVENT_STREAM_HEAD = [
  "HTTP/1.1 200 OK",
  "Content-Type: text/event-stream",
  "Cache-Control: no-store",
  "Connection: close",
  "\r\n",
].join("\r\n");

/** The whole answer to a request; after it the connection ends. `method` is the request's own. */
export function encodeAnswer(fault: AnsweringFault, method: string | undefined): Uint8Array {
  switch (fault.kind) {
    case "open-then-close":
      return Buffer.from(EVENT_STREAM_HEAD);
    case "garbage": {
      const bytes = fault.bytes ?? DEFAULT_GARBAGE_BYTES;
      if (fault.instead === "response") return createNoise(bytes);
      const body = fault.instead === "line" ? createLine(bytes) : createNoise(bytes);
      return Buffer.concat([Buffer.from(EVENT_STREAM_HEAD), body]);
    }
    case "http-error":
      return encodeError(fault, method);
  }
}

function encodeError(fault: HttpErrorFault, method: string | undefined): Uint8Array {
  const { status } = fault;
  const retryAfter = retryAfterOf(fault);
  const mayHaveBody = status !== 204 && status !== 304;
  const body = Buffer.from(mayHaveBody ? (fault.body ?? `${status}\n`) : "");
  const fields = new Map<string, string | number>([["connection", "close"]]);
  if (mayHaveBody) {
    fields.set("content-type", "text/plain; charset=utf-8");
    fields.set("content-length", body.length);
  }
  if (retryAfter !== undefined) fields.set("retry-after", retryAfter);
  for (const [name, value] of Object.entries(fault.headers ?? {})) {
    fields.set(name.toLowerCase(), value);
  }
  const lines = [...fields].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(head), method === "HEAD" ? Buffer.alloc(0) : body]);
}

function retryAfterOf({ retryAfter, retryAfterAs }: HttpErrorFault): string | number | undefined {
  if (typeof retryAfter !== "number" || retryAfterAs !== "date") return retryAfter;
  return new Date(Date.now() + retryAfter * 1000).toUTCString();
}

/** The beginning of an event whose line goes on and on. */
function createLine(length: number): Uint8Array {
  return Buffer.from("data: ".padEnd(length, "x").slice(0, length));
}

/**
 * Bytes without meaning, the same on every run: the top bytes of a linear congruential generator
 * (constants of Numerical Recipes). Line breaks, NUL and invalid UTF-8 are among them.
 */
function createNoise(length: number): Uint8Array {
  const noise = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    noise[at] = state >>> 24;
  }
  return noise;
}
