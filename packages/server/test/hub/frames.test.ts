import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, joinFrames } from "../../src/hub/frame.js";
import { FrameCache } from "../../src/hub/frame-cache.js";
import { createTopicFilter } from "../../src/hub/topic-filter.js";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe("a frame", () => {
  it("is one chunk of a chunked body, whose size counts bytes and not characters", () => {
    const frame = encodeFrame("data: ü\n\n");
    expect(frame.chunk.toString()).toBe("a\r\ndata: ü\n\n\r\n");
    expect(frame.byteLength).toBe(10);
  });

  it("has the bytes of the stream inside, without a copy", () => {
    const frame = encodeFrame("data: x\n\n");
    expect(text(frame.bytes)).toBe("data: x\n\n");
    expect(frame.bytes.buffer).toBe(frame.chunk.buffer);
  });

  it("of several is one chunk of all their bytes", () => {
    const anyTexts = fc.array(fc.string({ minLength: 1, unit: "grapheme" }), { minLength: 1 });
    fc.assert(
      fc.property(anyTexts, (texts) => {
        const whole = texts.join("");
        const joined = joinFrames(texts.map(encodeFrame));
        expect(joined.chunk).toEqual(encodeFrame(whole).chunk);
        expect(text(joined.bytes)).toBe(Buffer.from(whole).toString());
      }),
    );
  });

  it("of one is that one", () => {
    const frame = encodeFrame("data: x\n\n");
    expect(joinFrames([frame])).toBe(frame);
  });
});

describe("the cache of frames", () => {
  /** Events of ten bytes each, with offsets from one to another. */
  function cacheOf(from: number, to: number, limit: { events: number; bytes: number }) {
    const cache = new FrameCache(limit);
    for (let offset = from; offset <= to; offset += 1) {
      const topic = offset % 2 === 0 ? "even" : "odd";
      cache.push({ offset, topic, frame: encodeFrame(`data: ${offset % 10}\n\n`) });
    }
    return cache;
  }
  const all = { events: 100, bytes: 1000 };
  const shown = (page: { frames: readonly { bytes: Uint8Array }[] }) =>
    page.frames.map(({ bytes }) => text(bytes).slice(6, 7)).join("");

  it("keeps the newest events, as many as are allowed", () => {
    const cache = cacheOf(1, 8, { events: 3, bytes: 1000 });
    expect([5, 6, 8, 9].map((offset) => cache.has(offset))).toEqual([false, true, true, false]);
  });

  it("keeps no more bytes than are allowed, framing included", () => {
    const chunkBytes = encodeFrame("data: 1\n\n").chunk.length;
    const cache = cacheOf(1, 8, { events: 100, bytes: chunkBytes * 2 + 1 });
    expect([6, 7, 8].map((offset) => cache.has(offset))).toEqual([false, true, true]);
  });

  it("keeps nothing where nothing is allowed, and goes on", () => {
    const cache = cacheOf(1, 3, { events: 0, bytes: 1000 });
    expect(cache.has(3)).toBe(false);
    expect(cacheOf(1, 3, { events: 9, bytes: 5 }).has(3)).toBe(false);
  });

  it("ends a page where it is full, or with the newest event", () => {
    const cache = cacheOf(1, 8, all);
    const page = cache.page(3, { events: 3, bytes: 1000 }, undefined);
    expect([shown(page), page.upTo, page.lastShown]).toEqual(["345", 5, 5]);
    expect(cache.page(7, all, undefined).upTo).toBe(8);
  });

  it("ends a page before the event that does not fit, but not before the first", () => {
    const cache = cacheOf(1, 8, all);
    expect(shown(cache.page(1, { events: 9, bytes: 20 }, undefined))).toBe("12");
    expect(shown(cache.page(1, { events: 9, bytes: 1 }, undefined))).toBe("1");
  });

  it("shows what the filter lets through, and covers what it hides", () => {
    const cache = cacheOf(1, 9, all);
    const page = cache.page(1, all, createTopicFilter(["even"]));
    expect([shown(page), page.upTo, page.lastShown]).toEqual(["2468", 9, 8]);
    const hidden = cache.page(1, all, createTopicFilter(["none"]));
    expect([shown(hidden), hidden.upTo, hidden.lastShown]).toEqual(["", 9, undefined]);
  });

  it("does not cover what stands after the event that did not fit", () => {
    const cache = cacheOf(1, 9, all);
    const page = cache.page(1, { events: 9, bytes: 10 }, createTopicFilter(["even"]));
    expect([shown(page), page.upTo]).toEqual(["2", 3]);
  });

  it("begins anew after it was cleared", () => {
    const cache = cacheOf(1, 8, all);
    cache.clear();
    expect(cache.has(8)).toBe(false);
    cache.push({ offset: 3, topic: undefined, frame: encodeFrame("data: 3\n\n") });
    expect([cache.has(3), cache.page(3, all, undefined).upTo]).toEqual([true, 3]);
  });
});
