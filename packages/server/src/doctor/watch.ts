// Watches a stream for a while, and writes down what came when.

import { isReserved } from "throughline/core";
import { createArrivalNotes } from "./arrivals.js";
import type { Answer } from "./exchange.js";
import { createHeartbeatNotes } from "./heartbeats.js";
import type { Greeting } from "./hello.js";
import { createIdNotes } from "./ids-notes.js";
import type { StreamSeen } from "./observation.js";
import { createProtocolNotes } from "./protocol-notes.js";
import { readStream } from "./read-stream.js";

/** How to watch. */
export interface WatchOptions {
  readonly watchMs: number;
  /** When the request left, by `performance.now()`. */
  readonly beganMs: number;
  /** The greeting came, and an id after it: the moment to renew the lease. Called at most once. */
  onGreeted(greeting: Greeting, cursor: string): void;
}

/** Most bytes that are read: whoever sends more is not held back, and no examination needs more. */
const MOST_BYTES = 64 * 1024 * 1024;

const MOST_TYPES = 20;

/** Watches until the time is up or the body ends. The answer is closed then. */
export function watchStream(answer: Answer, options: WatchOptions): Promise<StreamSeen> {
  const { watchMs, beganMs, onGreeted } = options;
  const sinceMs = () => performance.now() - beganMs;
  const came = createArrivalNotes(sinceMs());
  const ids = createIdNotes();
  const beats = createHeartbeatNotes();
  const protocol = createProtocolNotes();
  const types = new Map<string, number>();
  let hasGreeted = false;
  let comments = 0;
  let events = 0;
  let retryMs: number | undefined;
  let damage: StreamSeen["damage"];

  const noteId = (id: string | undefined, isForApplication: boolean) => {
    ids.note(id, isForApplication);
    if (protocol.greeting === undefined || hasGreeted || id === undefined) return;
    hasGreeted = true;
    onGreeted(protocol.greeting, id);
  };
  const noteType = (type: string) => {
    if (types.has(type) || types.size < MOST_TYPES) types.set(type, (types.get(type) ?? 0) + 1);
  };
  const write = (kind: StreamSeen["end"]["kind"]): StreamSeen => {
    const { bytes, firstByteMs, lastByteMs, arrivals } = came.seen;
    const atMs = sinceMs();
    const isReadable =
      comments + events > 0 || retryMs !== undefined || bytes === 0 || damage !== undefined;
    return {
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
      damage,
      undecodable: isReadable ? undefined : encodingOf(answer),
      hello: protocol.greeting?.hello,
      gaps: protocol.gaps,
      farewell: protocol.farewell,
    };
  };

  return new Promise((resolve) => {
    const finish = (kind: StreamSeen["end"]["kind"]) => {
      clearTimeout(timer);
      stop();
      resolve(write(kind));
    };
    const stop = readStream(answer, {
      onBytes: (count) => {
        came.bytes(count, sinceMs());
        if (came.seen.bytes > MOST_BYTES) finish("enough");
      },
      onText: (text) => {
        came.text(text);
        if (text.includes("\uFFFD")) damage = "text";
      },
      onComment: () => {
        comments += 1;
        came.found("comments");
        beats.comment(sinceMs());
      },
      onRetry: (ms) => {
        retryMs = ms;
      },
      onId: (id) => noteId(id, false),
      onEvent: ({ type, data, id }) => {
        events += 1;
        came.found("events");
        noteType(type);
        protocol.event(type, data);
        const isHeartbeat = beats.event(type, data, sinceMs());
        noteId(id, !isHeartbeat && !isReserved(type));
      },
      onEnd: (kind) => {
        if (kind === "closed" || kind === "cut") return finish(kind);
        damage = kind;
        finish("damaged");
      },
    });
    const timer = setTimeout(finish, watchMs, "time-up");
  });
}

/** The content encoding, where there is one. */
function encodingOf({ headers }: Answer): string | undefined {
  const encoding = headers["content-encoding"];
  return encoding === undefined || /^(?:identity)?$/i.test(encoding) ? undefined : encoding;
}
