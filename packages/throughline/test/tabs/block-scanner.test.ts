// The scanner against the parser: where blocks end, and which id is the last, must be the same for both.

import fc from "fast-check";
import { createParser } from "throughline/core";
import { describe, expect, it } from "vitest";
import { BlockScanner, type ScannedBlock } from "../../src/tabs/block-scanner.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Scans a text in pieces of the given lengths; ends are counted from its beginning. */
function scan(text: string, lengths: readonly number[] = []) {
  const scanner = new BlockScanner();
  const bytes = bytesOf(text);
  const blocks: ScannedBlock[] = [];
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    const piece = bytes.subarray(at, at + length);
    for (const block of scanner.scan(piece)) blocks.push({ ...block, end: at + block.end });
    at += piece.length;
  }
  return { blocks, scanner };
}

describe("the ends of blocks", () => {
  it.each([
    { text: "data: a\n\n", ends: [9] },
    { text: "data: a\r\n\r\n", ends: [10] },
    { text: "data: a\r\r", ends: [9] },
    { text: ":\n\n:\n\n", ends: [3, 6] },
    { text: "data: a\n", ends: [] },
    { text: "data: a\r\n\r\ndata: b\r\n\r\n", ends: [10, 21] },
  ])("are found in $text", ({ text, ends }) => {
    // After a carriage return a line feed belongs to the line that has ended.
    expect(scan(text).blocks.map(({ end }) => end)).toEqual(ends);
  });

  it("say what a block is, and which id it leaves", () => {
    const text = "event: a\nid: 1\ndata: x\n\ndata: y\n\nid:2\n\nid: 3\0\n\nid\n\nid: 4";
    const { blocks, scanner } = scan(text);
    expect(blocks.map(({ type, lastId }) => `${type} ${lastId}`)).toEqual([
      "a 1",
      " 1",
      " 2",
      " 2",
      " ",
    ]);
    expect([scanner.lastId, scanner.isBetweenBlocks]).toEqual(["", false]);
  });

  it("say the topic of an event, where the server does", () => {
    const { blocks } = scan("topic: ward/42\nid: 1\ndata: x\n\ndata: y\n\ntopics: a\n\n");
    expect(blocks.map(({ topic }) => topic)).toEqual(["ward/42", undefined, undefined]);
  });

  it("are not moved by a line of many megabytes", () => {
    const { blocks } = scan(`data: ${"x".repeat(3_000_000)}\nid: 7\n\n`);
    expect(blocks).toMatchObject([{ lastId: "7" }]);
  });
});

describe("the same as the parser's", () => {
  const line = fc.constantFrom(
    "data: a",
    "data",
    "id: 1",
    "id: é",
    "id",
    "id: 2\0",
    ":",
    "event: b",
    "identity: 9",
    "",
    "",
  );
  const ending = fc.constantFrom("\n", "\r\n", "\r");
  const streamText = fc
    .array(fc.tuple(line, ending), { maxLength: 40 })
    .map((lines) => lines.map(([text, end]) => text + end).join(""));

  it("whatever the pieces", () => {
    fc.assert(
      fc.property(streamText, fc.array(fc.nat(9), { maxLength: 60 }), (text, lengths) => {
        const whole = scan(text);
        const pieces = scan(text, lengths);
        expect(pieces.blocks).toEqual(whole.blocks);
        const seen: string[] = [];
        let lastId = "";
        const parser = createParser({
          onEvent: (event) => {
            lastId = event.lastEventId;
            seen.push(lastId);
          },
          onId: (id) => {
            lastId = id;
          },
          onRetry: () => {},
        });
        parser.push(text);
        expect(whole.scanner.lastId).toBe(lastId);
      }),
      { numRuns: 2000 },
    );
  });

  it("so that a stream that is cut at an end, and goes on with another block, loses and invents nothing", () => {
    fc.assert(
      fc.property(streamText, fc.nat(), (text, choice) => {
        const { blocks } = scan(text);
        if (blocks.length === 0) return;
        const { end } = blocks[choice % blocks.length] as { end: number };
        const dataOf = (input: string) => {
          const data: string[] = [];
          const parser = createParser({
            onEvent: (event) => data.push(event.data),
            onId: () => {},
            onRetry: () => {},
          });
          parser.push(input);
          return data;
        };
        const head = new TextDecoder().decode(bytesOf(text).subarray(0, end));
        const rest = new TextDecoder().decode(bytesOf(text).subarray(end));
        expect([...dataOf(`${head}data: next\n\n`), ...dataOf(rest)]).toEqual([
          ...dataOf(head),
          "next",
          ...dataOf(rest),
        ]);
        expect([...dataOf(head), ...dataOf(rest)]).toEqual(dataOf(text));
      }),
      { numRuns: 2000 },
    );
  });
});
