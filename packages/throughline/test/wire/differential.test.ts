// The parser against three others: one written here, slowly, from the standard's text,
// eventsource-parser 4, and that of fetch-event-source.

import { getLines, getMessages } from "@microsoft/fetch-event-source/lib/cjs/parse.js";
import { createParser as createTheirs } from "eventsource-parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, cutAt, read } from "./read.js";
import type { Reading } from "./vectors.js";

const lineEnd = fc.constantFrom("\n", "\n", "\r\n", "\r");
const value = fc.oneof(
  fc.constantFrom("", " ", "a", " b", ":", "1", "42", "\ufeff", "é→🙂", "x\0y", "event", "data: x"),
  fc.string({ unit: "grapheme", maxLength: 8 }).map((text) => text.replace(/[\r\n]/g, "")),
);
const name = fc.constantFrom(
  "data",
  "data",
  "data",
  "event",
  "id",
  "retry",
  "",
  "dat",
  "data ",
  "DATA",
  "ids",
);
const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(name, fc.constantFrom(":", ": ", ""), value).map((parts) => parts.join("")),
  },
  { weight: 4, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: value },
);
/** Streams of all sorts; some begin with a byte order mark, some end in the middle. */
const anyStream = fc
  .tuple(
    fc.constantFrom("", "", "\ufeff"),
    fc.array(
      fc.tuple(line, lineEnd).map(([text, end]) => text + end),
      { maxLength: 30 },
    ),
    value,
  )
  .map(([mark, lines, rest]) => mark + lines.join("") + rest);
const anyCuts = fc.array(fc.nat(400), { maxLength: 8 });

/** The grammar and the algorithm of §9.2.5 and §9.2.6, one sentence after the other, on the whole text. */
function readByTheStandard(text: string): Pick<Reading, "events" | "retries" | "lastEventId"> {
  const events: Reading["events"][number][] = [];
  const retries: number[] = [];
  let lastEventId = "";
  let buffer: { data: string[]; type: string; id: string | undefined } = {
    data: [],
    type: "",
    id: undefined,
  };
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  // What follows the last line end is no line.
  for (const each of lines.slice(0, -1)) {
    if (each === "") {
      const { data, type, id } = buffer;
      lastEventId = id ?? lastEventId;
      if (data.length > 0)
        events.push({ type: type || "message", data: data.join("\n"), lastEventId, id });
      buffer = { data: [], type: "", id: undefined };
      continue;
    }
    const colon = each.indexOf(":");
    const field = colon < 0 ? each : each.slice(0, colon);
    const given = colon < 0 ? "" : each.slice(colon + 1).replace(/^ /, "");
    if (field === "data") buffer.data.push(given);
    if (field === "event") buffer.type = given;
    if (field === "id" && !given.includes("\0")) buffer.id = given;
    if (field === "retry" && /^[0-9]+$/.test(given))
      retries.push(Math.min(Number(given), Number.MAX_SAFE_INTEGER));
  }
  return { events, retries, lastEventId };
}

describe("the parser agrees, for any stream and any cuts,", () => {
  it("with the standard, read slowly", () => {
    fc.assert(
      fc.property(anyStream, anyCuts, (text, cuts) => {
        const expected = readByTheStandard(text);
        expect(read(cutAt(text, cuts))).toMatchObject(expected);
        expect(read(cutAt(bytesOf(text), cuts))).toMatchObject(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it("with eventsource-parser 4, on types and data", () => {
    fc.assert(
      fc.property(anyStream, anyCuts, (text, cuts) => {
        const theirs: { type: string; data: string }[] = [];
        const parser = createTheirs({
          onEvent: ({ event, data }) => theirs.push({ type: event || "message", data }),
        });
        for (const chunk of cutAt(text, cuts)) parser.feed(chunk);
        const ours = read(cutAt(text, cuts)).events.map(({ type, data }) => ({ type, data }));
        // A CR at the very end of what has come: it waits for what may follow, the standard does not.
        if (text.endsWith("\r")) expect(ours.slice(0, theirs.length)).toEqual(theirs);
        else expect(ours).toEqual(theirs);
      }),
      { numRuns: 3000 },
    );
  });

  it("with fetch-event-source, on what it reads as the standard does", () => {
    // It dispatches blocks without data, joins nothing to an empty first line of data, takes a field
    // without a colon for none, and knows neither the byte order mark nor NUL. The rest it shares.
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
    const shared = text.map((value) => value.replace(/[\r\n\0\ufeff]/g, "_"));
    const lines = fc.tuple(fc.constantFrom("data", "data", "event", "id", "other", ""), shared);
    const block = fc.tuple(fc.array(lines, { maxLength: 5 }), shared, lineEnd);
    const stream = fc.array(block).map((blocks) =>
      blocks
        .map(([fields, data, end]) => {
          const all = [...fields, ["data", data] as const];
          return all.map(([field, value]) => `${field}: ${value}${end}`).join("") + end;
        })
        .join(""),
    );
    fc.assert(
      fc.property(stream, anyCuts, (whole, cuts) => {
        const theirs: { type: string; data: string }[] = [];
        const takeLine = getMessages(
          () => {},
          () => {},
          ({ event, data }) => theirs.push({ type: event || "message", data }),
        );
        const feed = getLines(takeLine);
        const chunks = cutAt(bytesOf(whole), cuts).filter(({ length }) => length > 0);
        for (const chunk of chunks) feed(chunk);
        expect(read(chunks).events.map(({ type, data }) => ({ type, data }))).toEqual(theirs);
      }),
      { numRuns: 1000 },
    );
  });
});
