import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Framer, type FramerOptions, type MessageHead } from "../../src/fault-proxy/framer.js";

/** What a framer says about every byte: its part, and the place behind it. */
function label(
  chunks: readonly Uint8Array[],
  options: FramerOptions = { direction: "response" },
): string[] {
  const framer = new Framer(options);
  const labels: string[] = [];
  for (const chunk of chunks) {
    for (const { bytes, part, place } of framer.push(chunk)) {
      // The place is that of the segment's last byte: the ones before are told apart by part alone.
      for (let at = 1; at < bytes.length; at += 1) labels.push(part);
      labels.push(`${part} ${place}`);
    }
  }
  return labels;
}

/** The runs of one part, joined, with the place behind each. */
function runs(text: string, options?: FramerOptions): [string, string, string][] {
  const framer = new Framer(options ?? { direction: "response" });
  return framer
    .push(Buffer.from(text))
    .map(({ bytes, part, place }) => [Buffer.from(bytes).toString(), part, place]);
}

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n";

describe("a framer of responses", () => {
  test("tells framing from payload in a chunked body", () => {
    const body = "5;name=value\r\nhello\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n";
    expect(runs(CHUNKED + body)).toEqual([
      [CHUNKED, "head", "between-chunks"],
      ["5;name=value\r\n", "framing", "in-chunk"],
      ["hello", "payload", "after-chunk"],
      ["\r\n", "framing", "between-chunks"],
      ["A\r\n", "framing", "in-chunk"],
      ["0123456789", "payload", "after-chunk"],
      ["\r\n", "framing", "between-chunks"],
      ["0\r\n", "framing", "in-trailers"],
      ["Trailer: 1\r\n\r\n", "framing", "between-messages"],
    ]);
  });

  test("ends a chunked body without trailers at the empty line", () => {
    const last = runs(`${CHUNKED}0\r\n\r\n`).at(-1);
    expect(last).toEqual(["\r\n", "framing", "between-messages"]);
  });

  test("counts the bytes of a body whose length was announced", () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    expect(runs(`${head}hello${head}`)).toEqual([
      [head, "head", "in-sized-body"],
      ["hello", "payload", "between-messages"],
      [head, "head", "in-sized-body"],
    ]);
  });

  test("takes a body of length 0 for no body", () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    expect(runs(head)).toEqual([[head, "head", "between-messages"]]);
  });

  test("takes a body without a length as lasting until the close", () => {
    const head = "HTTP/1.1 200 OK\r\n\r\n";
    expect(runs(`${head}data: 0\r\n\r\n`)).toEqual([
      [head, "head", "until-close"],
      ["data: 0\r\n\r\n", "payload", "until-close"],
    ]);
  });

  test("is told by its owner which heads have no body", () => {
    const head = "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n";
    const options: FramerOptions = {
      direction: "response",
      mayHaveBody: ({ startLine }) => !startLine.includes("304"),
    };
    expect(runs(head, options)).toEqual([[head, "head", "between-messages"]]);
  });

  test("accepts line breaks without CR", () => {
    const head = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n";
    expect(runs(`${head}2\nok\n0\n\n`).at(-1)).toEqual(["\n", "framing", "between-messages"]);
  });

  test.each([
    ["a status line of something else", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["a size that is none", `${CHUNKED}zz\r\n`],
    ["a chunk that is longer than it said", `${CHUNKED}2\r\nabc`],
    ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n"],
    ["a head without end", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}`],
    ["a size line without end", `${CHUNKED}2;${"x".repeat(2000)}`],
  ])("gives up at %s and goes on passing", (_name, text) => {
    const framer = new Framer({ direction: "response" });
    framer.push(Buffer.from(text));
    expect(framer.place).toBe("opaque");
    expect(framer.push(Buffer.from("more"))).toMatchObject([{ part: "payload", place: "opaque" }]);
  });
});

describe("a framer of requests", () => {
  test("shows every head once, with its fields", () => {
    const heads: MessageHead[] = [];
    const text =
      "\r\nPOST /a?b=1 HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nok" +
      "GET /c HTTP/1.1\r\nHost: test\r\n\r\n";
    const options: FramerOptions = { direction: "request", onHead: (head) => heads.push(head) };
    expect(runs(text, options).map(([, part, place]) => [part, place])).toEqual([
      ["head", "in-sized-body"],
      ["payload", "between-messages"],
      ["head", "between-messages"],
    ]);
    expect(heads.map(({ startLine }) => startLine)).toEqual([
      "POST /a?b=1 HTTP/1.1",
      "GET /c HTTP/1.1",
    ]);
    expect(heads[0]?.fields.get("host")).toBe("test");
  });
});

describe("a framer of anything", () => {
  const message = fc.oneof(
    fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 5 }).map((chunks) => {
      const body = chunks.map((chunk) => {
        return `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`;
      });
      return `${CHUNKED}${body.join("")}0\r\n\r\n`;
    }),
    fc.string({ maxLength: 30 }).map((body) => {
      return `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    }),
    fc.string({ maxLength: 60 }),
  );
  const stream = fc.array(message, { maxLength: 4 }).map((parts) => Buffer.from(parts.join("")));

  test("says the same however the bytes are split", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200)), (bytes, cuts) => {
        const sorted = [0, ...cuts.filter((cut) => cut < bytes.length), bytes.length].sort(
          (a, b) => a - b,
        );
        const chunks = sorted.slice(1).map((end, at) => bytes.subarray(sorted[at], end));
        const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
        const parts = (labels: string[]) => labels.map((text) => text.split(" ")[0]);
        expect(parts(label(chunks))).toEqual(parts(label([bytes])));
        expect(parts(label(single))).toEqual(parts(label([bytes])));
        expect(label(single).at(-1)).toBe(label([bytes]).at(-1));
      }),
    );
  });

  test("loses, adds and changes no byte", () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const segments = new Framer({ direction: "response" }).push(bytes);
        expect(Buffer.concat(segments.map((segment) => segment.bytes))).toEqual(bytes);
      }),
    );
  });
});
