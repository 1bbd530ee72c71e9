import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeFrame, FrameDecoder } from "../../../src/log/remote/frames.js";

const frames = fc.array(fc.array(fc.json(), { minLength: 1, maxLength: 4 }), { maxLength: 6 });

it("frames come out as they went in, wherever their bytes are cut", () => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat(64), { minLength: 1 }), (lists, cuts) => {
      const bytes = Buffer.concat(lists.map(encodeFrame));
      const decoder = new FrameDecoder();
      const messages: unknown[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const end = at + Math.max(1, cuts[turn % cuts.length] ?? 1);
        messages.push(...decoder.push(bytes.subarray(at, end)));
        at = end;
      }
      expect(messages).toEqual(lists.flat().map((text) => JSON.parse(text)));
    }),
  );
});

it("a frame that comes in very many pieces is put together once, not once for each piece", () => {
  const concat = Buffer.concat;
  let joined = 0;
  Buffer.concat = (...parts: Parameters<typeof concat>) => {
    joined += 1;
    return concat(...parts);
  };
  try {
    const frame = encodeFrame([JSON.stringify("x".repeat(100_000))]);
    const decoder = new FrameDecoder();
    const messages: unknown[] = [];
    for (let at = 0; at < frame.length; at += 100) {
      messages.push(...decoder.push(frame.subarray(at, at + 100)));
    }
    expect(messages).toHaveLength(1);
    expect(joined).toBeLessThan(3);
  } finally {
    Buffer.concat = concat;
  }
});
