import { describe, expect, it } from "vitest";
import { PROMISES, parseScenario, parseScenarios } from "../../src/scenario/index.js";

const EXAMPLE = `
scenario 2a: silence both ways, busy stream   # a remark
readers 200
publish every 50 ms
wait 0.3..1 s
fault freeze direction=both thaw=true
wait until struck
flap down=1s up=500ms for=1min by refuse
detour unknown-name
detour none
hub kill
hub start
publish 3 events of 4 KB
publish nothing
wait until live

expect detect within 1.5 s
expect nothing lost, nothing repeated, nothing out of order, no gap
expect gap reason=trimmed
expect at most 60 requests per minute
expect at most 1 request
expect at least 2 requests
expect state failed reason=unauthorized
expect reason rate-limited
`;

describe("a scenario", () => {
  it("is read from text, line by line", () => {
    const { id, title, readers, steps, expectations } = parseScenario(EXAMPLE);
    expect({ id, title, readers }).toEqual({
      id: "2a",
      title: "silence both ways, busy stream",
      readers: 200,
    });
    expect(steps).toEqual([
      { kind: "publish-every", everyMs: 50 },
      { kind: "wait", duration: { leastMs: 300, mostMs: 1000 } },
      { kind: "fault", fault: { kind: "freeze", direction: "both", thaw: true } },
      { kind: "wait-until", until: "struck" },
      {
        kind: "flap",
        flap: { downMs: 1000, upMs: 500, forMs: 60_000, down: { kind: "refuse" } },
      },
      { kind: "detour", detour: "unknown-name" },
      { kind: "detour", detour: undefined },
      { kind: "hub", action: "kill" },
      { kind: "hub", action: "start" },
      { kind: "publish-count", count: 3, bytes: 4096 },
      { kind: "publish-nothing" },
      { kind: "wait-until", until: "live" },
    ]);
    expect(expectations).toEqual([
      { kind: "within", what: "detect", ms: 1500 },
      { kind: "nothing", what: "lost" },
      { kind: "nothing", what: "repeated" },
      { kind: "nothing", what: "out of order" },
      { kind: "no-gap" },
      { kind: "gap", reason: "trimmed" },
      { kind: "at-most", requests: 60, perMs: 60_000 },
      { kind: "at-most", requests: 1, perMs: undefined },
      { kind: "at-least", requests: 2 },
      { kind: "state", state: "failed", reason: "unauthorized" },
      { kind: "reason", reason: "rate-limited" },
    ]);
  });

  it("may expect everything that is promised in three words", () => {
    const { expectations } = parseScenario("scenario x: y\nexpect every promise");
    expect(expectations).toEqual(PROMISES);
  });

  it("may stand with others in one text", () => {
    const text = "scenario a: A\nopen\nexpect no gap\nscenario b: B\nexpect heal within 1 s";
    expect(parseScenarios(text).map(({ id, steps }) => [id, steps.length])).toEqual([
      ["a", 1],
      ["b", 0],
    ]);
    expect(() => parseScenario(text, "two")).toThrow("two: expected one scenario, found several.");
    expect(() => parseScenario("# nothing", "none")).toThrow(
      "none: expected one scenario, found none.",
    );
  });
});

const wrong: readonly (readonly [line: string, complaint: string])[] = [
  ["pubish every 50 ms", 'found "pubish"'],
  ["publish every", "expected a length of time"],
  ["publish every 50", "expected a unit: one of ms, s"],
  ["publish every 50 parsecs", 'found "parsecs"'],
  ["publish every 1..2 s", "expected a length of time"],
  ["publish many events", 'expected "every", "nothing" or a number of events'],
  ["wait 4..0.3 s", "a range that begins with the smaller number"],
  ["wait until tomorrow", 'expected "struck" or "live", found "tomorrow"'],
  ["wait 1 s long", 'expected the end of the line, found "long"'],
  ["fault", "expected a fault:"],
  ["fault frezze", 'found "frezze"'],
  ["fault freeze", 'expected "direction=", "both", "up" or "down", which "freeze" must have'],
  ["fault freeze direction=sideways", 'found "direction=sideways"'],
  ["fault reset times=3", 'expected no field, "reset" has none'],
  ["fault http-error state=503", 'expected a field of "http-error": "status"'],
  ["fault http-error status=5O3", 'expected "status=" with a whole number'],
  ["fault http-error status=999", "a whole number from 200 to 599, got 999"],
  ["fault http-error status=503 status=502", 'expected "status=" once'],
  ['fault http-error status=302 header="Location"', "a header field such as"],
  ['fault cut after="id: end=fin', "a quotation mark that closes the text"],
  ["fault cut after=hex:e end=fin", ""],
  ["flap up=1s down=1s for=1min", 'expected "down=" with a length of time'],
  ["flap down=0s up=0s for=1min", "turns"],
  ["detour elsewhere", 'found "elsewhere"'],
  ["hub explode", 'expected "kill", "start", "trim", "wipe" or "seal"'],
  ["readers 0", "a number of readers from 1 to 10000"],
  ["expect miracles", 'found "miracles"'],
  ["expect heal in 5 s", 'expected "within", found "in"'],
  ["expect nothing lost, ", "found the end of the line"],
  ["expect nothing bad", 'expected "lost", "repeated" or "out"'],
  ["expect at most many requests", "expected a whole number"],
  ["expect state FAILED", "a state, in small letters"],
];

describe("a line that cannot be read", () => {
  it.each(wrong.filter(([, complaint]) => complaint !== ""))(
    "is refused: %s",
    (line, complaint) => {
      const text = `scenario x: a title\n${line}\nexpect every promise`;
      expect(() => parseScenario(text, "my.scenario")).toThrow(complaint);
      expect(() => parseScenario(text, "my.scenario")).toThrow(/^my\.scenario:2: /);
    },
  );

  it("is refused where a scenario lacks something, or has it twice or too late", () => {
    const parse = (text: string) => () => parseScenario(text, "f");
    expect(parse("open")).toThrow('f:1: expected a first line such as "scenario 2a: a title"');
    expect(parse("scenario x: y\nopen")).toThrow('f:1: expected at least one line "expect …"');
    expect(parse("scenario x: y\nopen\nopen\nexpect no gap")).toThrow('"open" once');
    expect(parse("scenario x: y\nopen\nreaders 2")).toThrow('"readers" before the first step');
    expect(parse("scenario x: y\nscenario x: z")).toThrow("an id that line 1 does not have");
  });
});
