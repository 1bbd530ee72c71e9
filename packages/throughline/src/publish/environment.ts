// What a publisher needs of the world around it, as arguments: tests pass other ones.

import type { PublishFetch } from "./types.js";

/** Clock, timers, chance and the network. */
export interface Environment {
  /** Milliseconds on a clock that never goes back. */
  nowMs(): number;
  /** Milliseconds since 1970. */
  epochMs(): number;
  /** From 0 up to, but not including, 1. */
  random(): number;
  /** A name that nobody else makes. */
  createId(): string;
  /** Calls back once; returns what takes it back. */
  setTimer(callback: () => void, delayMs: number): () => void;
  readonly fetch: PublishFetch;
}

/** The world as it is: the browser's, or Node's. */
export function createEnvironment(): Environment {
  return {
    nowMs: () => performance.now(),
    epochMs: () => Date.now(),
    random: Math.random,
    createId,
    setTimer: (callback, delayMs) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    fetch: (url, request) => globalThis.fetch(url, request),
  };
}

/** 128 random bits in hexadecimal; `crypto.randomUUID` is missing in pages that came without TLS. */
function createId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
