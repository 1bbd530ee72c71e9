import { createParser, type ParsedEvent, StreamError } from "throughline/core";
import { describe, expect, it } from "vitest";
import { bytesOf, cutAt, pieces, read } from "./read.js";
import { VECTORS } from "./vectors.js";

describe.each(VECTORS)("the parser reads $name", ({ text, says }) => {
  const whole = read([text]);
  const bytes = bytesOf(text);

  it("from text, whole", () => {
    expect(whole).toMatchObject(says);
  });

  it("from bytes, whole", () => {
    expect(read([bytes])).toEqual(whole);
  });

  it("from text and bytes cut in two at every place", () => {
    for (let at = 0; at <= text.length; at++) expect(read(cutAt(text, [at]))).toEqual(whole);
    for (let at = 0; at <= bytes.length; at++) expect(read(cutAt(bytes, [at]))).toEqual(whole);
  });

  it("from one character and one byte at a time, with empty chunks between", () => {
    expect(read(pieces(text, 1).flatMap((piece) => [piece, ""]))).toEqual(whole);
    expect(read(pieces(bytes, 1).flatMap((piece) => [piece, new Uint8Array()]))).toEqual(whole);
  });

  it("with more of the stream trailing", () => {
    const trailing = read([`${text}\n\ndata: later\n\n`]);
    expect(trailing.events.slice(0, whole.events.length)).toEqual(whole.events);
  });
});

describe("the parser", () => {
  it("dispatches at a CR, without waiting for what follows", () => {
    expect(read(["data: a\r\r"]).events).toHaveLength(1);
  });

  it("moves its id after the handler has returned, not before", () => {
    const seen: string[] = [];
    const parser = createParser({ onEvent: () => seen.push(parser.lastEventId) });
    parser.push("id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    expect([...seen, parser.lastEventId]).toEqual(["", "1", "2"]);
  });

  it("works without the handlers that are optional", () => {
    const events: ParsedEvent[] = [];
    createParser({ onEvent: (event) => events.push(event) }).push(
      ": c\nretry: 5\nid: 1\n\ndata: a\n\n",
    );
    expect(events).toEqual([{ type: "message", data: "a", lastEventId: "1", id: undefined }]);
  });

  it("replaces malformed UTF-8 and goes on", () => {
    const [event] = read([
      new Uint8Array([...bytesOf("data: "), 0xff, 0xc3]),
      bytesOf("\n\n"),
    ]).events;
    expect(event?.data).toBe("\ufffd\ufffd");
  });

  it("refuses bytes where it has no decoder", () => {
    const parser = createParser({ onEvent: () => {} });
    expect(() => parser.push(bytesOf("data: a\n\n"))).toThrow(StreamError);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a limit of %d", (maxEventLength) => {
    expect(() => createParser({ onEvent: () => {} }, { maxEventLength })).toThrow("maxEventLength");
  });
});

describe("a new connection", () => {
  function collecting() {
    const events: ParsedEvent[] = [];
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const parser = createParser({ onEvent: (event) => events.push(event) }, { decoder });
    return { events, parser };
  }

  it.each(["data: cut", "id: 9\ndata: cut\n", "data: cut\r", "id: 9"])(
    "drops what was cut: %j",
    (cut) => {
      const { events, parser } = collecting();
      parser.push(`id: 1\ndata: a\n\n${cut}`);
      parser.reset();
      parser.push("\ufeffdata: b\n\n");
      expect(events.map(({ data, lastEventId }) => [data, lastEventId])).toEqual([
        ["a", "1"],
        ["b", "1"],
      ]);
    },
  );

  it("drops half a character", () => {
    const { events, parser } = collecting();
    parser.push(bytesOf("data: →").slice(0, -1));
    parser.reset("7");
    parser.push(bytesOf("data: b\n\n"));
    expect(events).toMatchObject([{ data: "b", lastEventId: "7" }]);
  });

  it("can be begun from inside a handler: the rest of the chunk is dropped", () => {
    const seen: string[] = [];
    const parser = createParser({
      onEvent: ({ data }) => {
        seen.push(data);
        if (data === "a") parser.reset("x");
      },
    });
    parser.push("id: 1\ndata: a\n\ndata: dropped\n\n");
    expect(parser.lastEventId).toBe("x");
    parser.push("data: b\n\n");
    expect(seen).toEqual(["a", "b"]);
  });
});

describe("a handler that resets", () => {
  it.each([
    ["onComment", ": reset\n"],
    ["onRetry", "retry: 5\n"],
    ["onId", "id: 1\n\n"],
    ["onEvent", "id: 1\ndata: a\n\n"],
  ])("in %s drops the rest, however the text is cut", (handler, text) => {
    for (const chunk of [1, 3, 1000]) {
      const told: unknown[] = [];
      const parser = createParser({
        onEvent: ({ data }) => told.push(data),
        [handler]: () => {
          told.push("reset");
          parser.reset("x");
        },
      });
      for (const piece of pieces(text, chunk).slice(0, -1)) parser.push(piece);
      parser.push(`${pieces(text, chunk).at(-1)}id: 2\ndata: dropped\n\n`);
      expect(told).toEqual(["reset"]);
      expect(parser.lastEventId).toBe("x");
    }
  });
});

describe("a handler that resets, and pushes what comes next", () => {
  /** On `a`, what the handler pushes; what that throws is caught by it. */
  function pushing(next: string) {
    const seen: string[] = [];
    const parser = createParser(
      {
        onEvent: ({ data }) => {
          seen.push(data);
          if (data !== "a") return;
          parser.reset("x");
          try {
            parser.push(next);
          } catch (error) {
            seen.push((error as StreamError).code);
          }
        },
      },
      { maxEventLength: 20 },
    );
    return { seen, parser };
  }

  it.each([
    ["in one piece", ["data: a\n\ndata: dropped\n\n"]],
    ["behind half a block", ["data: a\n", "\ndata: dropped\n\n"]],
    ["behind half a line", ["data: ", "a\n\ndata: dropped\n\n"]],
  ])("hears no more of the text before, %s", (_, chunks) => {
    const { seen, parser } = pushing("id: y\ndata: b\n\nid: z\nda");
    for (const chunk of chunks) parser.push(chunk);
    parser.push("ta: c\n\n");
    expect(seen).toEqual(["a", "b", "c"]);
    expect(parser.lastEventId).toBe("z");
  });

  it("hears no more of it where what comes next is refused either", () => {
    const { seen, parser } = pushing("x".repeat(30));
    parser.push("data: a\n\ndata: dropped\n\n");
    expect(seen).toEqual(["a", "event-too-large"]);
    expect(() => parser.push("data: b\n\n")).toThrow("reset() first");
  });
});

describe("a handler that throws", () => {
  function throwing() {
    const seen: string[] = [];
    const parser = createParser({
      onEvent: ({ data }) => {
        seen.push(data);
        if (data === "bad") throw new Error("mine");
      },
    });
    return { seen, parser };
  }

  it("gets its exception out of push, and its id is not taken over: who resumes gets it again", () => {
    const { seen, parser } = throwing();
    expect(() => parser.push("id: 1\ndata: a\n\nid: 2\ndata: bad\n\ndata: b\n\n")).toThrow("mine");
    expect(parser.lastEventId).toBe("1");
    expect(seen).toEqual(["a", "bad"]);
  });

  it("ends the reading until reset, so that nothing behind it is read by halves", () => {
    const { seen, parser } = throwing();
    expect(() => parser.push("data: bad\n\ndata: b\n\nda")).toThrow("mine");
    expect(() => parser.push("ta: c\n\n")).toThrow("reset() first");
    parser.reset();
    parser.push("data: d\n\n");
    expect(seen).toEqual(["bad", "d"]);
  });

  it("may not push from inside", () => {
    const parser = createParser({ onEvent: () => parser.push("data: b\n\n") });
    expect(() => parser.push("data: a\n\n")).toThrow("inside a handler");
  });
});

describe("the size limit", () => {
  const limited = { maxEventLength: 20 };

  it.each([
    ["a line", "data: 0123456789012345678901234567890\n\n"],
    ["data lines together", "data: 01234\ndata: 01234\ndata: 01234\n\n"],
    ["a line that never ends", "x".repeat(21)],
    ["a comment", `: ${"c".repeat(30)}\n`],
  ])("stops loudly at %s, however it is cut", (_, text) => {
    expect(() => read([text], limited)).toThrow("maxEventLength");
    expect(() => read(pieces(text, 3), limited)).toThrow("maxEventLength");
  });

  it("lets through what just fits, again and again", () => {
    const text = "data: 01234567890123\n\n".repeat(50);
    expect(read([text], limited).events).toHaveLength(50);
    expect(read(pieces(text, 7), limited).events).toHaveLength(50);
  });

  it("tells what ended before, and refuses everything after until reset", () => {
    const seen: string[] = [];
    const parser = createParser({ onEvent: ({ data }) => seen.push(data) }, limited);
    expect(() => parser.push(`data: a\n\n${"x".repeat(50)}`)).toThrow(StreamError);
    expect(() => parser.push("data: b\n\n")).toThrow("reset() first");
    parser.reset();
    parser.push("data: c\n\n");
    expect(seen).toEqual(["a", "c"]);
  });

  it("refuses everything after as well where the line came in pieces", () => {
    const parser = createParser({ onEvent: () => {} }, limited);
    parser.push("x".repeat(15));
    expect(() => parser.push("x".repeat(15))).toThrow("maxEventLength");
    expect(() => parser.push("data: b\n\n")).toThrow("reset() first");
    parser.reset();
    parser.push("x".repeat(15));
    expect(() => parser.push(`${"x".repeat(15)}\n`)).toThrow("maxEventLength");
    expect(() => parser.push("data: b\n\n")).toThrow("reset() first");
  });

  it("holds a long line in bounded pieces", () => {
    const chunks = ["data: ", ...pieces("x".repeat(5000), 1), "\n\n"];
    expect(read(chunks).events[0]?.data).toHaveLength(5000);
  });
});
