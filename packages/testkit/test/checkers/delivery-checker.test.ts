import { describe, expect, test } from "vitest";
import {
  createDeliveryChecker,
  type DeliveryChecker,
  type DeliveryReport,
} from "../../src/checkers/index.js";

/** A checker that was told of the events "1" to "5", in this order. */
function fivePublished(): DeliveryChecker {
  const checker = createDeliveryChecker();
  for (const key of ["1", "2", "3", "4", "5"]) checker.published(key);
  return checker;
}

function receive(checker: DeliveryChecker, keys: string, reader = "a"): void {
  for (const key of keys) checker.received(reader, key);
}

/** The kinds of findings in a report, without the empty ones. */
function findingsIn(report: DeliveryReport): Partial<DeliveryReport> {
  const kinds = Object.entries(report).filter(
    ([, found]) => Array.isArray(found) && found.length > 0,
  );
  return Object.fromEntries(kinds);
}

describe("the delivery checker", () => {
  test("finds nothing where everything came once and in order", () => {
    const checker = fivePublished();
    receive(checker, "12345", "a");
    receive(checker, "12345", "b");
    const report = checker.verdict();
    expect(report).toMatchObject({ isFaithful: true, publishedCount: 5, receivedCount: 10 });
    expect(findingsIn(report)).toEqual({});
  });

  test("finds an event that was lost, for the reader who missed it", () => {
    const checker = fivePublished();
    receive(checker, "12345", "a");
    receive(checker, "1245", "b");
    const report = checker.verdict();
    expect(report.isFaithful).toBe(false);
    expect(findingsIn(report)).toEqual({
      lost: [{ reader: "b", key: "3", isAnnouncedLate: false }],
    });
  });

  test("finds everything lost for a reader who received nothing", () => {
    const checker = fivePublished();
    checker.joined("a");
    expect(checker.verdict().lost.map(({ key }) => key)).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("finds a repeated event and does not call it disorder", () => {
    const checker = fivePublished();
    receive(checker, "12341245");
    expect(findingsIn(checker.verdict())).toEqual({
      repeated: [
        { reader: "a", key: "1", times: 2 },
        { reader: "a", key: "2", times: 2 },
        { reader: "a", key: "4", times: 2 },
      ],
    });
  });

  test("finds an event that came behind a later one", () => {
    const checker = fivePublished();
    receive(checker, "13425");
    const report = checker.verdict();
    expect(report.isFaithful).toBe(false);
    expect(findingsIn(report)).toEqual({ reordered: [{ reader: "a", key: "2", after: "4" }] });
  });

  test("finds an event that nobody published", () => {
    const checker = fivePublished();
    receive(checker, "123x45");
    const report = checker.verdict();
    expect(report.isFaithful).toBe(false);
    expect(findingsIn(report)).toEqual({ unknown: [{ reader: "a", key: "x" }] });
  });

  test("accepts an event that is acknowledged after it was received", () => {
    const checker = createDeliveryChecker();
    checker.received("a", "1");
    checker.published("1");
    expect(checker.verdict().isFaithful).toBe(true);
  });

  test("lets an event that was never acknowledged come, once, or not", () => {
    const checker = fivePublished();
    checker.attempted("6");
    receive(checker, "123456", "a");
    receive(checker, "12345", "b");
    expect(checker.verdict().isFaithful).toBe(true);
    checker.received("a", "6");
    expect(findingsIn(checker.verdict())).toEqual({
      repeated: [{ reader: "a", key: "6", times: 2 }],
    });
  });

  test("takes the order from positions where acknowledgements come out of order", () => {
    const checker = createDeliveryChecker();
    checker.published("2", 20);
    checker.published("1", 10);
    receive(checker, "12", "a");
    receive(checker, "21", "b");
    expect(findingsIn(checker.verdict())).toEqual({
      reordered: [{ reader: "b", key: "1", after: "2" }],
    });
  });

  test("tells a number from a text that looks like it", () => {
    const checker = createDeliveryChecker();
    checker.published(1);
    checker.received("a", "1");
    expect(checker.verdict()).toMatchObject({ lost: [{ key: 1 }], unknown: [{ key: "1" }] });
  });

  test("may be asked again when more has happened", () => {
    const checker = fivePublished();
    receive(checker, "1234");
    expect(checker.verdict().lost).toHaveLength(1);
    receive(checker, "5");
    checker.published("6");
    receive(checker, "6");
    expect(checker.verdict().isFaithful).toBe(true);
  });
});

describe("acknowledgements that contradict each other", () => {
  test("are a conflict when an event gets a second position", () => {
    const checker = createDeliveryChecker();
    checker.published("1", 1);
    checker.published("1", 1);
    expect(checker.verdict().conflicts).toEqual([]);
    checker.published("1", 2);
    expect(checker.verdict()).toMatchObject({
      conflicts: [{ key: "1", position: 2, kind: "moved" }],
      isFaithful: false,
    });
  });

  test("are a conflict when a position gets a second event", () => {
    const checker = createDeliveryChecker();
    checker.published("1", 1);
    checker.published("2", 1);
    expect(checker.verdict()).toMatchObject({
      conflicts: [{ key: "2", position: 1, kind: "reused" }],
      isFaithful: false,
    });
  });
});

describe("a reader with a start or a filter", () => {
  test("after an event misses nothing before it, and is not to be given it", () => {
    const checker = fivePublished();
    checker.joined("a", { start: { after: "2" } });
    checker.joined("b", { start: { after: "2" } });
    receive(checker, "345", "a");
    receive(checker, "2345", "b");
    expect(findingsIn(checker.verdict())).toEqual({ unwanted: [{ reader: "b", key: "2" }] });
    expect(checker.verdict().isFaithful).toBe(false);
  });

  test("with the first event it receives misses only what comes behind", () => {
    const checker = fivePublished();
    checker.joined("a", { start: "first-received" });
    receive(checker, "35", "a");
    expect(findingsIn(checker.verdict())).toEqual({
      lost: [{ reader: "a", key: "4", isAnnouncedLate: false }],
    });
  });

  test("that has received nothing yet, and starts with that, misses nothing", () => {
    const checker = fivePublished();
    checker.joined("a", { start: "first-received" });
    expect(checker.verdict().isFaithful).toBe(true);
  });

  test("with the first event it receives, calls an earlier one out of order", () => {
    const checker = fivePublished();
    checker.joined("a", { start: "first-received" });
    receive(checker, "3245", "a");
    expect(findingsIn(checker.verdict())).toEqual({
      reordered: [{ reader: "a", key: "2", after: "3" }],
    });
  });

  test("misses nothing that its filter hides, and is not to be given it", () => {
    const checker = fivePublished();
    const wants = (key: string | number) => Number(key) % 2 === 1;
    checker.joined("a", { wants });
    checker.joined("b", { wants });
    receive(checker, "135", "a");
    receive(checker, "1235", "b");
    expect(findingsIn(checker.verdict())).toEqual({ unwanted: [{ reader: "b", key: "2" }] });
  });
});

describe("a gap notice", () => {
  test("covers the missing events it names", () => {
    const checker = fivePublished();
    receive(checker, "1");
    const gap = { from: 2, to: 3 };
    checker.toldGap("a", gap);
    receive(checker, "45");
    const report = checker.verdict();
    expect(report.isFaithful).toBe(true);
    expect(findingsIn(report)).toEqual({
      covered: [
        { reader: "a", key: "2", gap },
        { reader: "a", key: "3", gap },
      ],
    });
  });

  test("covers nothing it does not name, and nothing for another reader", () => {
    const checker = fivePublished();
    receive(checker, "1", "a");
    checker.toldGap("a", { from: 2, to: 2 });
    receive(checker, "45", "a");
    receive(checker, "1345", "b");
    const { lost, isFaithful } = checker.verdict();
    expect(isFaithful).toBe(false);
    expect(lost.map(({ reader, key }) => [reader, key])).toEqual([
      ["a", "3"],
      ["b", "2"],
    ]);
  });

  test("is too late behind a later event", () => {
    const checker = fivePublished();
    receive(checker, "14");
    checker.toldGap("a", { from: 2, to: 3 });
    receive(checker, "5");
    const report = checker.verdict();
    expect(report.isFaithful).toBe(false);
    expect(findingsIn(report)).toEqual({
      lost: [
        { reader: "a", key: "2", isAnnouncedLate: true },
        { reader: "a", key: "3", isAnnouncedLate: true },
      ],
    });
  });

  test("with open ends covers what lies between the events around it", () => {
    const checker = fivePublished();
    receive(checker, "1");
    checker.toldGap("a", { from: null, to: null });
    receive(checker, "4");
    const report = checker.verdict();
    expect(report.covered.map(({ key }) => key)).toEqual(["2", "3"]);
    expect(report.lost.map(({ key }) => key)).toEqual(["5"]);
  });

  test("with open ends is not closed by a repetition", () => {
    const checker = fivePublished();
    receive(checker, "12");
    checker.toldGap("a", { from: null, to: null });
    receive(checker, "1245");
    const report = checker.verdict();
    expect(report.covered.map(({ key }) => key)).toEqual(["3"]);
    expect(report.falseGaps).toEqual([]);
  });

  test("with open ends does not cover what was published after it", () => {
    const checker = fivePublished();
    receive(checker, "123");
    checker.toldGap("a", { from: null, to: null });
    checker.published("6");
    const report = checker.verdict();
    expect(report.covered.map(({ key }) => key)).toEqual(["4", "5"]);
    expect(report.lost.map(({ key }) => key)).toEqual(["6"]);
  });

  test("covers an event that was attempted before it and acknowledged after it", () => {
    const checker = fivePublished();
    checker.attempted("6");
    receive(checker, "12345");
    checker.toldGap("a", { from: null, to: null });
    checker.published("6");
    expect(checker.verdict()).toMatchObject({ isFaithful: true, covered: [{ key: "6" }] });
  });

  test("is false when it names events that came, before or after", () => {
    const checker = fivePublished();
    receive(checker, "12");
    const gap = { from: 2, to: 4 };
    checker.toldGap("a", gap);
    receive(checker, "45");
    const report = checker.verdict();
    expect(report.isFaithful).toBe(false);
    expect(findingsIn(report)).toMatchObject({
      falseGaps: [{ reader: "a", gap, received: ["2", "4"] }],
      covered: [{ key: "3" }],
    });
  });

  test.each([
    { from: null, to: null },
    { from: 6, to: 9 },
  ])("is false when nothing is missing: from $from to $to", (gap) => {
    const checker = fivePublished();
    receive(checker, "12345");
    checker.toldGap("a", gap);
    expect(checker.verdict()).toMatchObject({
      isFaithful: false,
      falseGaps: [{ reader: "a", gap, received: [] }],
    });
  });

  test("is true when all that is missing in it is hidden by the reader's filter", () => {
    const checker = fivePublished();
    checker.joined("a", { wants: (key) => key !== "3" });
    receive(checker, "12");
    checker.toldGap("a", { from: 3, to: 3 });
    receive(checker, "45");
    expect(findingsIn(checker.verdict())).toEqual({});
  });
});

describe("misuse", () => {
  test("is refused where a reader joins twice, or after it received", () => {
    const checker = fivePublished();
    checker.joined("a");
    receive(checker, "1", "b");
    for (const reader of ["a", "b"]) {
      expect(() => checker.joined(reader)).toThrow(
        expect.objectContaining({ code: "invalid-state" }),
      );
    }
  });

  test("is refused where only some events have a position, or one has none at all", () => {
    const checker = fivePublished();
    expect(() => checker.published("6", 6)).toThrow(
      expect.objectContaining({ code: "invalid-state" }),
    );
    expect(() => createDeliveryChecker().published("1", Number.NaN)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  test("is refused where a reader starts after an event that does not exist", () => {
    const checker = fivePublished();
    checker.joined("a", { start: { after: "9" } });
    expect(() => checker.verdict()).toThrow(expect.objectContaining({ code: "invalid-state" }));
  });
});
