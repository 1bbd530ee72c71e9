// How fast Throughline parses event streams, next to eventsource-parser on the same input.
//
// Both run in one process, in turns, each turn for a fixed time, so that whatever else the machine does
// hits both; the median of the turns counts. There is no threshold: read the ratios. Above 1.00,
// Throughline is the faster one. Needs a build: `node packages/throughline/bench/parser.bench.mjs`.

import { createParser as createOther } from "eventsource-parser";
import { createParser } from "throughline/core";

const ROUNDS = 9;
const TURN_MS = 120;
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

console.log(`${process.version}, median of ${ROUNDS} turns of ${TURN_MS} ms each, MB/s`);
for (const [name, chunks] of Object.entries(inputs)) report(name, measure(chunks));

function measure(chunks) {
  const sides = { ours: contestants.ours(), other: contestants.other() };
  const speeds = { ours: [], other: [] };
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  for (let round = -2; round < ROUNDS; round += 1) {
    // Who begins changes from round to round.
    const order = round % 2 === 0 ? ["ours", "other"] : ["other", "ours"];
    for (const side of order) {
      const speed = turn(sides[side], chunks, length);
      if (round >= 0) speeds[side].push(speed);
    }
  }
  return speeds;
}

/** Megabytes (of UTF-16 code units) a second over one turn. */
function turn(side, chunks, length) {
  const begin = performance.now();
  let passes = 0;
  let elapsedMs = 0;
  do {
    side.reset();
    for (const chunk of chunks) side.push(chunk);
    passes += 1;
    elapsedMs = performance.now() - begin;
  } while (elapsedMs < TURN_MS);
  return (passes * length) / 1000 / elapsedMs;
}

function report(name, speeds) {
  const ours = median(speeds.ours);
  const other = median(speeds.other);
  const ratio = median(speeds.ours.map((speed, round) => speed / speeds.other[round]));
  console.log(
    `${name.padEnd(32)} throughline ${ours.toFixed(0).padStart(6)}  ` +
      `eventsource-parser ${other.toFixed(0).padStart(6)}  ratio ${ratio.toFixed(2)}`,
  );
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
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
