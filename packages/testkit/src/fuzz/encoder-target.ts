// The encoder: what it writes is read back as it was, one event for each call, or it is refused as documented.

import { createParser, type EventFields, encodeEvent, StreamError } from "throughline/core";
import type { Choices } from "../hostile/random.js";
import { type FuzzTarget, parseJson } from "./target.js";

const PARTS = ["a", "", "\n", "\r", "\r\n", "\0", "data: x", "\n\nid: 9", ":", " ", "é", "\ud800"];

/** The input is the fields as JSON. */
export const encoderTarget: FuzzTarget = {
  name: "encoder",
  generate: (choices) =>
    JSON.stringify({
      ...maybe(choices, { id: text(choices) }),
      ...maybe(choices, { type: text(choices) }),
      ...maybe(choices, { traceparent: text(choices) }),
      ...maybe(choices, { retryMs: choices.pick([0, 1, -1, 1.5, 2 ** 53, 86_400_000]) }),
      data: choices.whole(0, 30) === 0 ? [text(choices)] : text(choices),
    }),
  judge(input) {
    const fields = parseJson(input);
    if (typeof fields !== "object" || fields === null) return undefined;
    let block: string;
    try {
      block = encodeEvent(fields as EventFields);
    } catch (error) {
      if (error instanceof StreamError && error.code === "invalid-field") return undefined;
      throw error;
    }
    return judgeBlock(fields as EventFields, block);
  },
};

function judgeBlock({ id, type, data, retryMs }: EventFields, block: string): string | undefined {
  const wanted = {
    type: type || "message",
    data: data.replace(/\r\n?/g, "\n"),
    id,
  };
  const said: unknown[] = [];
  const retries: number[] = [];
  const parser = createParser({
    onEvent: (event) => said.push({ type: event.type, data: event.data, id: event.id }),
    onId: (alone) => said.push({ alone }),
    onRetry: (ms) => retries.push(ms),
  });
  // Twice, so that a block that does not end, or that runs into the next, shows.
  parser.push(block + block);
  const [got, hoped] = [JSON.stringify(said), JSON.stringify([wanted, wanted])];
  if (got !== hoped) return `${got} was read back instead of ${hoped}`;
  const times = retryMs === undefined ? 0 : 2;
  const isAsked = retries.length === times && retries.every((ms) => ms === retryMs);
  return isAsked ? undefined : `retry ${retries} was read back instead of ${retryMs}`;
}

function text(choices: Choices): string {
  const [first = "", ...rest] = PARTS;
  return Array.from({ length: choices.whole(0, 4) }, () => choices.pick([first, ...rest])).join("");
}

function maybe<T extends object>(choices: Choices, fields: T): T | object {
  return choices.whole(0, 1) === 0 ? fields : {};
}
