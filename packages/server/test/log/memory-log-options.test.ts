import { type MemoryLogOptions, resolveMemoryLogOptions } from "@throughline/server/log";
import { describe, expect, it } from "vitest";

const SENSELESS: readonly (readonly [field: string, options: MemoryLogOptions])[] = [
  ["maxEvents", { maxEvents: 0 }],
  ["maxEvents", { maxEvents: 1.5 }],
  ["maxBytes", { maxBytes: Number.POSITIVE_INFINITY }],
  ["maxTotalBytes", { maxTotalBytes: Number.NaN }],
  ["maxTotalBytes", { maxBytes: 1000, maxTotalBytes: 999 }],
  ["maxAgeMs", { maxAgeMs: -1 }],
  ["maxStreams", { maxStreams: "10" as unknown as number }],
  ["now", { now: 0 as unknown as () => number }],
  ["createEpoch", { createEpoch: "e" as unknown as () => string }],
  ["onListenerError", { onListenerError: null as unknown as () => void }],
];

describe("the options of the memory log", () => {
  for (const [field, options] of SENSELESS) {
    it(`are refused with the name of the field for ${JSON.stringify(options)}`, () => {
      expect(() => resolveMemoryLogOptions(options)).toThrow(
        expect.objectContaining({
          code: "invalid-option",
          message: expect.stringContaining(`"${field}"`),
        }),
      );
    });
  }

  it("have finite defaults", () => {
    const options = resolveMemoryLogOptions();
    expect(options).toMatchObject({
      maxEvents: 100_000,
      maxBytes: 64 * 1024 * 1024,
      maxTotalBytes: 512 * 1024 * 1024,
      maxAgeMs: 24 * 60 * 60 * 1000,
      maxStreams: 10_000,
    });
  });

  it("let the total grow with what one stream may keep", () => {
    const maxBytes = 1024 ** 3;
    expect(resolveMemoryLogOptions({ maxBytes }).maxTotalBytes).toBe(maxBytes);
  });

  it("make epochs of 16 characters that differ", () => {
    const { createEpoch } = resolveMemoryLogOptions();
    const epochs = Array.from({ length: 1000 }, () => createEpoch());
    for (const epoch of epochs) expect(epoch).toMatch(/^[a-z0-9]{16}$/);
    expect(new Set(epochs).size).toBe(epochs.length);
  });
});
