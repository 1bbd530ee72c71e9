// Reading: what a client makes of the bytes of a stream.

import { equal } from "../case-checks.js";
import type { ClientCase } from "./client-fixture.js";

/** Pieces that are written one after the other, and the events that have to come of them. */
interface Vector {
  readonly name: string;
  readonly pieces: readonly (string | Uint8Array)[];
  /** Type, data and last event id. */
  readonly events: readonly (readonly [type: string, data: string, lastEventId: string])[];
}

const LARGE = "x".repeat(1_000_000);

const VECTORS: readonly Vector[] = [
  {
    name: "joins the lines of data by LF",
    pieces: ["data: a\ndata: b\n\n"],
    events: [["message", "a\nb", ""]],
  },
  {
    name: "takes LF, CR and CRLF for the end of a line",
    pieces: ["data: a\r\rdata: b\r\n\r\ndata: c\n\n"],
    events: [
      ["message", "a", ""],
      ["message", "b", ""],
      ["message", "c", ""],
    ],
  },
  {
    name: "takes a CRLF for one end, also where it comes in two pieces",
    pieces: ["data: a\r", "\ndata: b\r\n\r\n"],
    events: [["message", "a\nb", ""]],
  },
  {
    name: "takes away one space behind the colon, and no more",
    pieces: ["data:a\n\ndata:  b\n\n"],
    events: [
      ["message", "a", ""],
      ["message", " b", ""],
    ],
  },
  {
    name: "overlooks a byte order mark at the beginning, and nowhere else",
    pieces: ["\ufeffdata: a\n\n\ufeffdata: b\n\ndata: c\n\n"],
    events: [
      ["message", "a", ""],
      ["message", "c", ""],
    ],
  },
  {
    name: "overlooks comments, fields that it does not know, and names in capitals",
    pieces: [": x\nfoo: 1\ndata: a\nDATA: b\n:\n\n"],
    events: [["message", "a", ""]],
  },
  {
    name: "takes a line without a colon for a field without a value",
    pieces: ["data\n\ndata\ndata\n\n"],
    events: [
      ["message", "", ""],
      ["message", "\n", ""],
    ],
  },
  {
    name: "hands out events under their type, and forgets the type of a block without data",
    pieces: ["event: other\ndata: a\n\nevent: other\n\ndata: b\n\nevent:\ndata: c\n\n"],
    events: [
      ["other", "a", ""],
      ["message", "b", ""],
      ["message", "c", ""],
    ],
  },
  {
    name: "keeps an id for the events after it, until another comes, or an empty one",
    pieces: ["id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n"],
    events: [
      ["message", "a", "1"],
      ["message", "b", "1"],
      ["message", "c", ""],
    ],
  },
  {
    name: "overlooks an id with NUL in it",
    pieces: ["id: 1\ndata: a\n\nid: 2\u0000\ndata: b\n\n"],
    events: [
      ["message", "a", "1"],
      ["message", "b", "1"],
    ],
  },
  {
    name: "puts a character together that comes in pieces",
    pieces: ["data: voil", Uint8Array.of(0xc3), Uint8Array.of(0xa0), "\n\n"],
    events: [["message", "voilà", ""]],
  },
  {
    name: "replaces what is no UTF-8, and reads on",
    pieces: ["data: a", Uint8Array.of(0xff), "b\n\ndata: c\n\n"],
    events: [
      ["message", "a\ufffdb", ""],
      ["message", "c", ""],
    ],
  },
  {
    name: "reads a stream that comes byte by byte",
    pieces: [..."id: 1\r\nevent: other\r\ndata: a\r\n\r\n"],
    events: [["other", "a", "1"]],
  },
  {
    name: "hands out an event of a million letters whole",
    pieces: [`data: ${LARGE}\n\n`],
    events: [["message", LARGE, ""]],
  },
];

/** How an event says that everything before it has been read. */
const LAST = "data: the last one\n\n";

/** Every vector as a case. */
export const READING_CASES: readonly ClientCase[] = VECTORS.map(({ name, pieces, events }) => ({
  name,
  level: "standard",
  reference: "HTML standard, §9.2.6",
  async run(fixture) {
    const exchange = await fixture.open();
    exchange.stream();
    for (const piece of pieces) {
      exchange.write(piece);
      // A turn for each, so that they leave one by one.
      await new Promise((resolve) => setImmediate(resolve));
    }
    exchange.write(LAST);
    await fixture.expectData("the last one");
    const came = fixture.events.slice(0, -1);
    equal(
      came.map(({ type, data, lastEventId }) => [type, data, lastEventId]),
      events,
      "the events",
    );
  },
}));
