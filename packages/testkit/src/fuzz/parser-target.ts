// The parser: however a stream is cut, it says the same, and nothing but too long an event makes it throw.

import { createParser, StreamError } from "throughline/core";
import type { Choices } from "../hostile/random.js";
import { bytesOf, type FuzzTarget, several } from "./target.js";

const NAMES = ["data", "data", "event", "id", "retry", "", "dat", "datax", "DATA", "ids"] as const;
const VALUES = ["", " ", "a", " b", ":", "42", "1e3", "-1", "\0", "x\0y", "\xef\xbb\xbf"] as const;
const MORE_VALUES = ["\xf0\x9f\x99\x82", "\xc3", "\xff", "9".repeat(20), "x".repeat(70)] as const;
const ENDS = ["\n", "\n", "\r\n", "\r", "\n\n", "\r\r", "\r\n\r\n", "\n\r", ""] as const;

/** Every place is tried in an input of up to so many bytes; of longer ones every so-manieth. */
const MOST_CUTS = 80;

/** Small enough to be met, so that the refusal is held against every cut as well. */
const LIMITS = [48, 100_000] as const;

export const parserTarget: FuzzTarget = {
  name: "parser",
  generate: (choices) =>
    choices.pick(["", "", "", "\xef\xbb\xbf", "\xef\xbb"]) +
    several(choices, 24, () => line(choices)),
  judge(input) {
    const bytes = bytesOf(input);
    for (const limit of LIMITS) {
      const whole = read([bytes], limit);
      const stride = Math.max(1, Math.ceil(bytes.length / MOST_CUTS));
      for (let at = 0; at <= bytes.length; at += stride) {
        const cut = read([bytes.subarray(0, at), bytes.subarray(at)], limit);
        if (cut !== whole) return `cut at ${at} (limit ${limit}): ${cut} instead of ${whole}`;
      }
      const single = read(
        Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
        limit,
      );
      if (single !== whole) return `byte by byte (limit ${limit}): ${single} instead of ${whole}`;
    }
    return undefined;
  },
};

function line(choices: Choices): string {
  const colon = choices.pick([": ", ":", ":", "", " :"]);
  const value = choices.pick([...VALUES, ...MORE_VALUES]);
  return choices.pick(NAMES) + colon + value + choices.pick(ENDS);
}

/** All that a parser says of some pieces, in its order, and of a piece after it has refused one. */
function read(pieces: readonly Uint8Array[], maxEventLength: number): string {
  const said: unknown[] = [];
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = createParser(
    {
      onEvent: (event) => said.push(event),
      onComment: (text) => said.push({ comment: text }),
      onRetry: (ms) => said.push({ retry: ms }),
      onId: (id) => said.push({ id }),
    },
    { decoder, maxEventLength },
  );
  try {
    for (const piece of pieces) parser.push(piece);
  } catch (error) {
    if (!(error instanceof StreamError) || error.code !== "event-too-large") throw error;
    said.push(
      error.code,
      codeOf(() => parser.push("data: more\n\n")),
    );
  }
  return JSON.stringify([...said, parser.lastEventId]);
}

/** What a call is refused with; `undefined` where it is not. */
function codeOf(call: () => void): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (!(error instanceof StreamError)) throw error;
    return error.code;
  }
}
