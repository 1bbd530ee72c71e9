import { describe, expect, test } from "vitest";
import { flapSteps } from "../../src/fault-proxy/schedule.js";

describe("a line that flaps", () => {
  test("falls first, and resets what is there before it refuses", () => {
    expect(flapSteps({ upMs: 300, downMs: 200, forMs: 1000 })).toEqual([
      { fault: { kind: "reset" }, forMs: 0 },
      { fault: { kind: "refuse" }, forMs: 200 },
      { fault: { kind: "pass" }, forMs: 300 },
      { fault: { kind: "reset" }, forMs: 0 },
      { fault: { kind: "refuse" }, forMs: 200 },
      { fault: { kind: "pass" }, forMs: 300 },
    ]);
  });

  test("sets the fault that it is given, and nothing else", () => {
    const down = { kind: "freeze", direction: "both" } as const;
    const faults = flapSteps({ upMs: 300, downMs: 200, forMs: 500, down }).map(
      ({ fault }) => fault,
    );
    expect(faults).toEqual([down, { kind: "pass" }]);
  });

  test.each([
    { upMs: 300, downMs: 200, forMs: 1100 },
    { upMs: 300, downMs: 200, forMs: 1300 },
    { upMs: 0, downMs: 7, forMs: 100 },
    { upMs: 10, downMs: 0, forMs: 25 },
  ])("lasts as long as it should: $upMs up, $downMs down, $forMs in all", (options) => {
    const totalMs = flapSteps(options).reduce((sum, { forMs }) => sum + forMs, 0);
    expect(totalMs).toBe(options.forMs);
  });

  test.each([
    { upMs: 0, downMs: 0, forMs: 100 },
    { upMs: -1, downMs: 5, forMs: 100 },
    { upMs: 1, downMs: 1, forMs: Number.POSITIVE_INFINITY },
    { upMs: 1, downMs: 1, forMs: 2 ** 31 - 1 },
  ])("is refused when it cannot be played: $upMs up, $downMs down, $forMs in all", (options) => {
    expect(() => flapSteps(options)).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });
});
