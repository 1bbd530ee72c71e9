// Whether a reader can notice that the connection is dead, and whether something ends it when it is quiet.

import { DEFAULT_PULSE, parsePulseHeader } from "throughline/core";
import { cureOf, timeoutOwner } from "../cures.js";
import { type Finding, showMs } from "../finding.js";
import {
  type HeartbeatSeen,
  longestSilenceMs,
  type Observation,
  SILENCE_MS,
  type StreamSeen,
} from "../observation.js";
import { partiesSeen } from "../parties.js";

/** Proxies that give up on silence do it after 30 s at the earliest, as a rule. */
const SLOW_HEARTBEAT_MS = 25_000;

/** Nobody writes heartbeats so close together. */
const IN_HEAPS_MS = 50;

/** A silence in which a heartbeat that is of use would have come. */
const DUE_MS = 5000;

/** What a browser waits before it comes back, about, if nobody says otherwise. */
const LONG_RETRY_MS = 30_000;

/** Findings about signs of life, and about the end. */
export function findLiveness(observation: Observation): readonly Finding[] {
  const { stream, opening } = observation;
  if (stream === undefined || opening.kind !== "answered") return [];
  const hasPulse =
    parsePulseHeader(opening.last.headers["throughline-pulse"] ?? null) !== undefined;
  return [...signs(stream, hasPulse), ...ending(observation, stream), ...retry(stream)];
}

function signs(stream: StreamSeen, hasPulseHeader: boolean): readonly Finding[] {
  const { heartbeats, hello, watchMs, firstByteMs, end } = stream;
  // Without a byte, or after an early end, there is nothing to say here.
  if (firstByteMs === undefined || end.kind === "closed" || end.kind === "cut") return [];
  if (end.kind === "damaged") return [];
  const list = heartbeats.map(describe).join(", ");
  const pulse = hello?.pulse;
  if (pulse !== undefined) {
    const header = hasPulseHeader ? [] : [lostPulseHeader()];
    // What is missing is told as held back.
    if (longestSilenceMs(stream) > pulse.deadlineMs) return header;
    return [
      {
        severity: "ok",
        code: "heartbeat",
        text:
          `A pulse is promised every ${showMs(pulse.intervalMs)}, and a silence of ${showMs(pulse.deadlineMs)} ` +
          `counts as a loss; seen: ${list === "" ? "none" : list}, ` +
          `and no silence longer than ${showMs(longestSilenceMs(stream))}.`,
      },
      ...header,
    ];
  }
  const fastest = Math.min(...heartbeats.map(({ everyMs }) => everyMs ?? Number.POSITIVE_INFINITY));
  if (fastest <= SLOW_HEARTBEAT_MS) {
    const isSlow = fastest > DEFAULT_PULSE.deadlineMs;
    return [
      {
        severity: "ok",
        code: "heartbeat",
        text:
          `Signs of life: ${list}.` +
          (isSlow
            ? ` A dead connection is noticed after two or three of them, ${showMs(fastest * 2.5)}.`
            : ""),
      },
    ];
  }
  const quietestMs = longestSilenceMs(stream);
  if (quietestMs < DUE_MS) {
    return [
      {
        severity: "ok",
        code: "heartbeat",
        text:
          `Something came every ${showMs(quietestMs)} at least, so no heartbeat was due. Look again while ` +
          "the stream is quiet.",
      },
    ];
  }
  const seen = list === "" ? "No sign of life" : `Of signs of life only ${list}`;
  return [
    {
      severity: "warning",
      code: "no-heartbeat",
      text:
        `${seen} in ${showMs(watchMs)}. A reader cannot tell a quiet stream from a dead connection, and ` +
        `proxies end quiet ones, most of them after 60 s${watchMs < 65_000 ? " (--idle 70 shows it)" : ""}.`,
      culprit: "the server, which writes only when there is something to say",
      change: 'a comment (":\\n\\n") every second or so, at least every 15 s',
    },
  ];
}

function lostPulseHeader(): Finding {
  return {
    severity: "warning",
    code: "pulse-header",
    text: "The greeting promises a pulse, and the header throughline-pulse is missing: a body that never begins is noticed late.",
    culprit: "a proxy that passes on only the headers that it knows",
  };
}

function describe({ kind, name, count, everyMs }: HeartbeatSeen): string {
  const what =
    kind === "comment"
      ? "comments"
      : kind === "event"
        ? `events ${name}`
        : `messages that say ${name}`;
  if (everyMs !== undefined && everyMs < IN_HEAPS_MS) return `${what} (${count}, in heaps)`;
  return everyMs === undefined ? `${what} (${count})` : `${what} every ${showMs(everyMs)}`;
}

function ending(observation: Observation, stream: StreamSeen): readonly Finding[] {
  const { end, firstByteMs, farewell, hello } = stream;
  if (end.kind === "time-up" || end.kind === "enough") {
    const seconds = Math.round(end.silenceMs / 1000);
    const text =
      end.silenceMs > 5000
        ? `The connection was still open after ${seconds} s of silence.`
        : `The connection was still open after ${showMs(end.atMs)}.`;
    return [{ severity: "ok", code: "end", text }];
  }
  // Told as damage.
  if (end.kind === "damaged") return [];
  if (farewell !== undefined) {
    const why =
      farewell === "drain" ? "is being restarted, and said so" : "said that the stream is complete";
    return [
      {
        severity: "ok",
        code: "end",
        text: `The connection ended after ${showMs(end.atMs)}: the server ${why}.`,
      },
    ];
  }
  // Told as an empty answer.
  if (firstByteMs === undefined && end.silenceMs <= SILENCE_MS) return [];
  const parties = partiesSeen(observation);
  const way = end.kind === "cut" ? "was cut" : "was closed";
  if (end.silenceMs > SILENCE_MS) {
    const owner = timeoutOwner(end.silenceMs);
    const guess = owner?.party === undefined ? parties : [owner.party, ...parties];
    const cure = cureOf("idle-timeout", guess);
    return [
      {
        severity: "problem",
        code: "idle-timeout",
        text:
          `The connection ${way} after ${showMs(end.silenceMs)} without a byte (${showMs(end.atMs)} in all): ` +
          "somebody ends quiet connections. Readers come back each time, and what comes in between is lost to " +
          "those that cannot resume.",
        culprit: owner === undefined ? cure.culprit : owner.whose,
        change: cure.change,
      },
    ];
  }
  const owner = timeoutOwner(end.atMs);
  return [
    {
      severity: hello === undefined && end.kind === "closed" ? "warning" : "problem",
      code: "ended",
      text:
        `The connection ${way} after ${showMs(end.atMs)}, right behind bytes that came. ` +
        "Readers come back after each such end, and miss what they cannot resume.",
      ...cureOf("duration", owner?.party === undefined ? parties : [owner.party, ...parties]),
      ...(owner === undefined
        ? {}
        : { culprit: `a limit on the duration of a response: ${owner.whose}` }),
    },
  ];
}

function retry({ retryMs }: StreamSeen): readonly Finding[] {
  if (retryMs === undefined) return [];
  const text = `retry: ${retryMs}, so browsers come back after ${showMs(retryMs)}`;
  if (retryMs > LONG_RETRY_MS) {
    return [
      {
        severity: "warning",
        code: "retry",
        text: `${text}. That long a reader is without events after every drop.`,
        change: "retry: 1000 to 3000",
      },
    ];
  }
  if (retryMs < 100) {
    return [
      {
        severity: "warning",
        code: "retry",
        text: `${text}: after a restart of the server all of them come at once.`,
        change: "retry: 1000 to 3000, different for each connection",
      },
    ];
  }
  return [{ severity: "ok", code: "retry", text: `${text}.` }];
}
