// How fast Throughline parses event streams, next to eventsource-parser on the same input.
//
// Both run in this process, in turns, each turn for a fixed time, so that whatever else the machine does
// hits both; the median of the turns counts.

import { createParser as createOther } from "eventsource-parser";
import { createParser } from "throughline/core";
import { median, noise } from "../harness/statistics.mjs";

export const name = "parser";
export const title = "Parser";

const TURNS = 9;
const TURN_MS = 120;
const QUICK = { turns: 1, turnMs: 15 };

const STREAM_LENGTH = 1 << 20;
/** About what one read from a socket brings. */
const CHUNK_LENGTH = 16 * 1024;

/** What was told is counted, so that no engine may skip the work. */
const told = { ours: 0, other: 0 };
const count = (side) => (length) => {
  told[side] += length + 1;
};

const contestants = {
  ours: () => {
    const take = count("ours");
    const parser = createParser({
      onEvent: (event) => take(event.data.length),
      onComment: (text) => take(text.length),
    });
    return { push: (text) => parser.push(text), reset: () => parser.reset() };
  },
  other: () => {
    const take = count("other");
    const parser = createOther({
      onEvent: (event) => take(event.data.length),
      onComment: (text) => take(text.length),
    });
    return { push: (text) => parser.feed(text), reset: () => parser.reset() };
  },
};

const inputs = {
  "small events": cut(repeat((n) => `data: {"n":${n}}\n\n`)),
  "small events with id and type": cut(repeat((n) => fields(n, "\n"))),
  "small events, CRLF": cut(repeat((n) => fields(n, "\r\n"))),
  "small events, CR": cut(repeat((n) => fields(n, "\r"))),
  "small events, not Latin": cut(repeat((n) => `id: ${n}\ndata: {"вард":"समाचार ${n}"}\n\n`)),
  "data in many lines": cut(repeat((n) => `${`data: line of event ${n}\n`.repeat(20)}\n`)),
  "64 KB of data, whole": repeat((n) => `id: ${n}\ndata: ${"x".repeat(65_536)}\n\n`),
  "64 KB of data, in chunks": cut(repeat((n) => `id: ${n}\ndata: ${"x".repeat(65_536)}\n\n`)),
  "random splits, 1 to 40": cutAtRandom(
    repeat((n) => fields(n, "\n")),
    40,
  ),
  "random splits, 1 to 2000": cutAtRandom(
    repeat((n) => fields(n, "\n")),
    2000,
  ),
  "random splits, CRLF": cutAtRandom(
    repeat((n) => fields(n, "\r\n")),
    200,
  ),
  "comments only": cut(repeat((n) => `: pulse ${n}\n\n`)),
  "shortest comments": cut(repeat(() => ":\n\n")),
  "one event a chunk": repeat((n) => fields(n, "\n")),
};

export async function measure(run) {
  const { turns, turnMs } = run.isQuick ? QUICK : { turns: TURNS, turnMs: TURN_MS };
  const results = Object.entries(inputs).map(([kind, chunks]) => {
    const { ours, other } = compare(chunks, turns, turnMs);
    return { kind, ours, other, ratios: ours.map((speed, turn) => speed / other[turn]) };
  });
  return {
    text: `Megabytes (of UTF-16 code units) per second of CPU time, both in one process and in turns; the median of ${turns} turns of ${turnMs} ms each.`,
    goals: "at least as fast as eventsource-parser 4 on each kind of input",
    parts: [
      {
        title: "Next to eventsource-parser",
        columns: ["input", "Throughline", "eventsource-parser", "ratio", "± half of the turns"],
        rows: results.map(({ kind, ours, other, ratios }) => [
          kind,
          median(ours).toFixed(0),
          median(other).toFixed(0),
          median(ratios).toFixed(2),
          Number.isNaN(noise(ratios)) ? "–" : `${(noise(ratios) * 100).toFixed(0)} %`,
        ]),
        plot: {
          unit: "times as fast as eventsource-parser",
          bars: results.map(({ kind, ratios }) => [kind, median(ratios)]),
        },
      },
    ],
  };
}

function compare(chunks, turns, turnMs) {
  const sides = { ours: contestants.ours(), other: contestants.other() };
  const speeds = { ours: [], other: [] };
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  for (let round = -2; round < turns; round += 1) {
    // Who begins changes from round to round.
    const order = round % 2 === 0 ? ["ours", "other"] : ["other", "ours"];
    for (const side of order) {
      const speed = turn(sides[side], chunks, { length, turnMs });
      if (round >= 0) speeds[side].push(speed);
    }
  }
  return speeds;
}

/** Megabytes (of UTF-16 code units) per second of CPU time, over one turn. */
function turn(side, chunks, { length, turnMs }) {
  const begin = process.cpuUsage();
  let passes = 0;
  let elapsedMs = 0;
  do {
    side.reset();
    for (const chunk of chunks) side.push(chunk);
    passes += 1;
    const { user, system } = process.cpuUsage(begin);
    elapsedMs = (user + system) / 1000;
  } while (elapsedMs < turnMs);
  return (passes * length) / 1000 / elapsedMs;
}

function fields(n, lineEnd) {
  return [`id: k3f9.${n}`, "event: alert", `data: {"ward":${n % 90},"n":${n}}`, "", ""].join(
    lineEnd,
  );
}

/** Blocks until they make up a stream of the usual length. */
function repeat(block) {
  const blocks = [];
  for (let n = 1, length = 0; length < STREAM_LENGTH; n += 1) {
    blocks.push(block(n));
    length += blocks[n - 1].length;
  }
  return blocks;
}

function cut(blocks) {
  const text = blocks.join("");
  const chunks = [];
  for (let at = 0; at < text.length; at += CHUNK_LENGTH) {
    chunks.push(flat(text.slice(at, at + CHUNK_LENGTH)));
  }
  return chunks;
}

function cutAtRandom(blocks, longest) {
  const text = blocks.join("");
  const chunks = [];
  // A fixed sequence (of Lehmer's kind), so that every run cuts alike.
  let random = 20_261_123;
  for (let at = 0; at < text.length; ) {
    random = (random * 48_271) % 2_147_483_647;
    const end = at + 1 + (random % longest);
    chunks.push(flat(text.slice(at, end)));
    at = end;
  }
  return chunks;
}

/** A copy with characters of its own, as a decoder makes them, not a view of the whole stream. */
function flat(text) {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
