// Whether bytes come as they are written: buffering and compression.

import { parsePulseHeader } from "throughline/core";
import { bufferingCure, cureOf } from "../cures.js";
import { type Finding, showMs } from "../finding.js";
import {
  type Arrival,
  longestSilenceMs,
  type Observation,
  SILENCE_MS,
  type StreamSeen,
} from "../observation.js";
import { type Party, partiesSeen } from "../parties.js";

/** Findings about the way of the bytes. */
export function findBody(observation: Observation): readonly Finding[] {
  const { stream, opening } = observation;
  const parties = partiesSeen(observation);
  if (opening.kind === "silent") {
    return compression(opening.head?.headers["content-encoding"], undefined, parties);
  }
  if (stream === undefined || opening.kind !== "answered") return [];
  const { headers } = opening.last;
  const pulse = stream.hello?.pulse ?? parsePulseHeader(headers["throughline-pulse"] ?? null);
  const held = heldBack(stream, pulse?.intervalMs, parties, headers);
  const isReadable = stream.undecodable === undefined;
  return [
    ...(held === undefined ? (isReadable && stream.bytes > 0 ? flows(stream) : []) : [held]),
    ...compression(headers["content-encoding"], stream, parties),
    ...length(headers["content-length"]),
    ...damage(stream),
    ...caching(headers),
  ];
}

/** A body that does not begin although its headers came. */
const LATE_MS = 2000;

function heldBack(
  stream: StreamSeen,
  intervalMs: number | undefined,
  parties: readonly Party[],
  headers: Readonly<Record<string, string>>,
): Finding | undefined {
  const problem = (text: string): Finding => ({
    severity: "problem",
    code: "buffered",
    text,
    ...bufferingCure(parties, headers),
  });
  const { firstByteMs, watchMs, arrivals, end } = stream;
  if (firstByteMs === undefined) return withoutBytes(stream, intervalMs, problem);
  const clumps = findClumps(arrivals);
  const longestMs = Math.max(0, ...clumps.map(({ afterMs }) => afterMs));
  if (clumps.length > 0) {
    return problem(
      `Bytes come in heaps, ${clumps.length === 1 ? "once" : `${clumps.length} times`} in ${showMs(end.atMs)}: ` +
        `${clumps.map(describeClump).slice(0, 2).join("; ")}. What is written is held back for as much as ` +
        `${showMs(longestMs)}: readers get every event that much too late, and take the silence for a loss.`,
    );
  }
  if (intervalMs !== undefined) {
    const silenceMs = longestSilenceMs(stream);
    // Twice, and a little: a pulse that a busy machine writes late is nobody's buffer.
    if (silenceMs > 2 * intervalMs + 500) {
      return problem(
        `A pulse is promised every ${showMs(intervalMs)}, and for ${showMs(silenceMs)} nothing came: ` +
          "something holds bytes back. Readers take it for a loss, and connect again and again.",
      );
    }
  }
  if (
    firstByteMs > LATE_MS &&
    arrivals.length > 0 &&
    firstByteMs < watchMs &&
    isHeap(arrivals[0])
  ) {
    return problem(
      `The first byte came ${showMs(firstByteMs)} after the request, with ${arrivals[0]?.bytes ?? 0} bytes ` +
        "at once: the beginning was held back.",
    );
  }
  return undefined;
}

function withoutBytes(
  { end }: StreamSeen,
  intervalMs: number | undefined,
  problem: (text: string) => Finding,
): Finding | undefined {
  const came = `The headers came, and then not one byte in ${showMs(end.silenceMs)}`;
  if (intervalMs !== undefined) {
    return problem(
      `${came}, although a pulse is promised every ${showMs(intervalMs)}: something holds the body back. ` +
        "Readers connect, see nothing, and connect again.",
    );
  }
  if (end.kind !== "time-up") {
    // Told as a timeout.
    if (end.silenceMs > SILENCE_MS) return undefined;
    return {
      severity: "problem",
      code: "empty",
      text: `${came}: the answer ended without anything in it. Readers connect again and again.`,
      culprit: "the server itself, or a worker that was killed",
    };
  }
  return {
    ...problem(
      `${came}: either something holds the body back, or the server has nothing to say and sends no ` +
        "heartbeat. Readers cannot tell that from a dead connection. Let something be published while this runs: " +
        "if nothing comes then, it is held back.",
    ),
    code: "headers-without-bytes",
  };
}

/** What arrived at once and cannot have been written at once. */
interface Clump {
  readonly arrival: Arrival;
  readonly afterMs: number;
  readonly why: "pulses" | "cut";
}

/**
 * Clumps are told by what no server does on purpose: several comments together, which are written to
 * fill silences; and pieces that stop in the middle of a line before a silence, or as often as a
 * buffer is full.
 */
function findClumps(arrivals: readonly Arrival[]): readonly Clump[] {
  // Some servers write every heartbeat as two lines.
  const isSingle = arrivals.slice(1).some(({ comments }) => comments === 1);
  const cuts = arrivals.flatMap((arrival, index): readonly Clump[] => {
    const afterMs = (arrivals[index + 1]?.atMs ?? 0) - arrival.atMs;
    return arrival.endsMidLine && afterMs > 0 ? [{ arrival, afterMs, why: "cut" }] : [];
  });
  const portions = cuts.filter(
    ({ arrival, afterMs }) => arrival.bytes % PORTION_BYTES === 0 && afterMs > PORTION_PAUSE_MS,
  );
  const heaps = arrivals.flatMap((arrival, index): readonly Clump[] => {
    const before = arrivals[index - 1];
    const afterMs = arrival.atMs - (before?.atMs ?? 0);
    // The first piece may hold a greeting with comments; padding for old browsers is one comment.
    const least = before !== undefined && isSingle ? 2 : 3;
    const isHeap = arrival.comments >= least && afterMs > SILENCE_MS;
    return isHeap ? [{ arrival, afterMs, why: "pulses" }] : [];
  });
  // Once, two together may be a moment in which this machine was busy.
  const isSure = heaps.length > 1 || heaps.some(({ arrival }) => arrival.comments > 2);
  const silent = cuts.filter(({ afterMs }) => afterMs > SILENCE_MS);
  return [...(portions.length >= ENOUGH_PORTIONS ? portions : silent), ...(isSure ? heaps : [])];
}

/** Buffers have round sizes; pieces that the network cuts have not. */
const PORTION_BYTES = 1024;
const PORTION_PAUSE_MS = 100;
const ENOUGH_PORTIONS = 3;

function describeClump({ arrival, afterMs, why }: Clump): string {
  const { atMs, bytes, comments } = arrival;
  return why === "cut"
    ? `at ${showMs(atMs)} ${bytes} bytes that stop inside a line, then ${showMs(afterMs)} of silence`
    : `at ${showMs(atMs)} ${comments} comments in one piece, after ${showMs(afterMs)} of silence`;
}

function isHeap(arrival: Arrival | undefined): boolean {
  return arrival !== undefined && (arrival.bytes >= 4096 || arrival.events + arrival.comments > 10);
}

function flows({ firstByteMs = 0, arrivals }: StreamSeen): readonly Finding[] {
  return [
    {
      severity: "ok",
      code: "buffered",
      text:
        `Nothing was seen to hold bytes back: the first came after ${showMs(firstByteMs)}, ` +
        `${arrivals.length === 1 ? "in one piece" : `${arrivals.length} pieces in all`}.`,
    },
  ];
}

/** A compressor's own head and no content: 10 bytes of gzip, and an empty block. */
const EMPTY_COMPRESSED_BYTES = 20;

function compression(
  encoding: string | undefined,
  stream: StreamSeen | undefined,
  parties: readonly Party[],
): readonly Finding[] {
  if (encoding === undefined || /^identity$/i.test(encoding)) return [];
  if (stream?.damage === "encoding") return [];
  const cure = cureOf("compression", parties);
  if (stream?.undecodable !== undefined) {
    if (!/^(?:x-)?gzip$|^deflate$|^br$/i.test(encoding)) return [unasked(encoding)];
    const why =
      stream.bytes <= EMPTY_COMPRESSED_BYTES
        ? `${stream.bytes} bytes came, which are the compressor's own: it holds back what was written, ` +
          "or nothing was"
        : `nothing can be read of the ${stream.bytes} bytes that came: the compressor waits for more ` +
          "before it lets go";
    return [
      {
        severity: "problem",
        code: "compressed",
        text: `The stream is compressed (${encoding}), and ${why}.`,
        ...cure,
      },
    ];
  }
  const sofar = stream === undefined ? " A" : " It came through here; a";
  return [
    {
      severity: "warning",
      code: "compressed",
      text:
        `The stream is compressed (${encoding}).${sofar} compressor that does not flush after each event ` +
        "holds events back, and it costs memory for each reader.",
      ...cure,
    },
  ];
}

function unasked(encoding: string): Finding {
  return {
    severity: "problem",
    code: "compressed",
    text: `The stream is compressed in a way that was not asked for (${encoding}): no reader can be sure to read it.`,
    culprit: "a middleware or proxy that does not look at Accept-Encoding",
    change: "no Content-Encoding for text/event-stream",
  };
}

function length(contentLength: string | undefined): readonly Finding[] {
  if (contentLength === undefined) return [];
  return [
    {
      severity: "problem",
      code: "content-length",
      text: `The answer has a length (Content-Length: ${contentLength}): it was collected before it was sent, or it ends there.`,
      culprit: "a middleware or cache that collects responses",
      change: "no Content-Length for text/event-stream; nothing that caches in front of it",
    },
  ];
}

const DAMAGES: Readonly<Record<"text" | "encoding" | "too-large", Omit<Finding, "code">>> = {
  text: {
    severity: "warning",
    text: "Some of the text is no UTF-8: readers see replacement characters in its place.",
    culprit: "a server that writes another charset, or something that cuts characters",
    change: "write UTF-8",
  },
  encoding: {
    severity: "problem",
    text: "The body is not what its Content-Encoding says, and cannot be read: no reader gets anything.",
    culprit:
      "a middleware that sets the header and does not compress, or one that compresses twice",
    change: "no Content-Encoding for text/event-stream",
  },
  "too-large": {
    severity: "problem",
    text: "An event is larger than 16 MiB: no reader that limits its memory takes it.",
    culprit: "a missing blank line between events, or data that belongs elsewhere",
    change: "end every event with a blank line; put large data behind an address",
  },
};

function damage({ damage }: StreamSeen): readonly Finding[] {
  return damage === undefined ? [] : [{ ...DAMAGES[damage], code: "damaged" }];
}

function caching(headers: Readonly<Record<string, string>>): readonly Finding[] {
  const control = headers["cache-control"] ?? "";
  if (/\bno-(?:store|cache)\b/i.test(control)) return [];
  return [
    {
      severity: "warning",
      code: "cacheable",
      text: `${control === "" ? "There is no Cache-Control" : `Cache-Control is ${JSON.stringify(control)}`}: a cache may keep the stream, and give an old one to the next reader.`,
      change: "Cache-Control: no-store, no-transform",
    },
  ];
}
