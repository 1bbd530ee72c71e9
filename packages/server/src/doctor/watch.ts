// Watches a stream for a while, and writes down what came when.

import { type GapReason, isReserved, RESERVED } from "throughline/core";
import type { Answer } from "./exchange.js";
import { createHeartbeatNotes } from "./heartbeats.js";
import { type Greeting, parseHello, parseObject } from "./hello.js";
import { createIdNotes } from "./ids-notes.js";
import { ARRIVAL_JOIN_MS, type Arrival, MOST_ARRIVALS, type StreamSeen } from "./observation.js";
import { readStream } from "./read-stream.js";

/** How to watch. */
export interface WatchOptions {
  readonly watchMs: number;
  /** When the request left, by `performance.now()`. */
  readonly beganMs: number;
  /** The greeting came, and an id after it: the moment to renew the lease. */
  onGreeted(greeting: Greeting, cursor: string): void;
}

/** Most bytes that are read: whoever sends more is not held back, and no examination takes longer. */
const MOST_BYTES = 64 * 1024 * 1024;

const MOST_TYPES = 20;

/** Watches until the time is up or the body ends. The answer is closed then. */
export function watchStream(answer: Answer, options: WatchOptions): Promise<StreamSeen> {
  const { watchMs, beganMs, onGreeted } = options;
  const sinceMs = () => performance.now() - beganMs;
  const ids = createIdNotes();
  const beats = createHeartbeatNotes();
  const types = new Map<string, number>();
  const gaps: GapReason[] = [];
  const arrivals: { -readonly [Name in keyof Arrival]: Arrival[Name] }[] = [];
  let greeting: Greeting | undefined;
  let hasGreeted = false;
  let farewell: StreamSeen["farewell"];
  let bytes = 0;
  let comments = 0;
  let events = 0;
  let retryMs: number | undefined;
  let isDamaged = false;
  let firstByteMs: number | undefined;
  let lastByteMs = sinceMs();

  const noteId = (id: string | undefined, isForApplication: boolean) => {
    ids.note(id, isForApplication);
    if (greeting === undefined || hasGreeted || id === undefined) return;
    hasGreeted = true;
    onGreeted(greeting, id);
  };
  /** Counts what a piece holds with the arrival that brought it. */
  const count = (what: "comments" | "events") => {
    const arrival = arrivals.at(-1);
    if (arrival !== undefined) arrival[what] += 1;
  };
  const noteProtocol = (type: string, data: string) => {
    if (type === RESERVED.hello) greeting ??= parseHello(data);
    else if (type === RESERVED.gap) {
      const reason = parseObject(data)?.["reason"];
      // Whatever word it is, it is only shown.
      if (typeof reason === "string" && gaps.length < MOST_TYPES) gaps.push(reason as GapReason);
    } else if (type === RESERVED.drain) farewell = "drain";
    else if (type === RESERVED.end) farewell = "end";
  };

  return new Promise((resolve) => {
    const finish = (kind: StreamSeen["end"]["kind"]) => {
      clearTimeout(timer);
      const atMs = sinceMs();
      resolve({
        watchMs,
        firstByteMs,
        bytes,
        arrivals,
        end: { kind, atMs, silenceMs: atMs - lastByteMs },
        comments,
        events,
        types: Object.fromEntries(types),
        ids: ids.seen(),
        retryMs,
        heartbeats: beats.seen(),
        isDamaged,
        undecodable:
          bytes > 0 && comments + events === 0 && isEncoded(answer) && retryMs === undefined
            ? answer.headers["content-encoding"]
            : undefined,
        hello: greeting?.hello,
        gaps,
        farewell,
      });
    };
    const stop = readStream(answer, {
      onBytes: (length) => {
        const atMs = sinceMs();
        firstByteMs ??= atMs;
        bytes += length;
        const arrival = arrivals.at(-1);
        if (arrival !== undefined && atMs - lastByteMs <= ARRIVAL_JOIN_MS) arrival.bytes += length;
        else if (arrivals.length < MOST_ARRIVALS) {
          arrivals.push({ atMs, bytes: length, comments: 0, events: 0, endsMidLine: false });
        }
        lastByteMs = atMs;
        if (bytes > MOST_BYTES) {
          stop();
          finish("enough");
        }
      },
      onText: (text) => {
        if (text.includes("\uFFFD")) isDamaged = true;
        const arrival = arrivals.at(-1);
        if (arrival !== undefined && text !== "") arrival.endsMidLine = !/[\r\n]$/.test(text);
      },
      onComment: () => {
        comments += 1;
        count("comments");
        beats.comment(sinceMs());
      },
      onRetry: (ms) => {
        retryMs = ms;
      },
      onId: (id) => noteId(id, false),
      onEvent: ({ type, data, id }) => {
        events += 1;
        count("events");
        if (types.has(type) || types.size < MOST_TYPES) types.set(type, (types.get(type) ?? 0) + 1);
        noteProtocol(type, data);
        const isHeartbeat = beats.event(type, data, sinceMs());
        noteId(id, !isHeartbeat && !isReserved(type));
      },
      onEnd: (kind) => {
        if (kind === "damaged") isDamaged = true;
        finish(kind === "closed" ? "closed" : "cut");
      },
    });
    const timer = setTimeout(() => {
      stop();
      finish("time-up");
    }, watchMs);
  });
}

function isEncoded({ headers }: Answer): boolean {
  return !/^(?:identity)?$/i.test(headers["content-encoding"] ?? "");
}
