import { describe, expect, it } from "vitest";
import { FAULTS, type FaultName } from "../../migration/fault.js";
import { placeTables, renderTables } from "../../migration/report.js";
import type { Outcome } from "../../migration/run-fault.js";
import { REMEDIES, WAYS } from "../../migration/ways.js";

const clean: Omit<Outcome, "fault" | "way" | "reader"> = {
  healMs: 1234,
  lost: 0,
  untold: 0,
  repeated: 0,
  isTold: false,
  requestsPerMinute: 2.6,
  hasHeartbeat: true,
};

function rendered(name: FaultName, outcomes: readonly Partial<Outcome>[]): string {
  const faults = FAULTS.filter((fault) => fault.name === name);
  return renderTables({
    faults,
    outcomes: outcomes.map((outcome) => ({
      ...clean,
      fault: name,
      way: "both",
      reader: "bare",
      ...outcome,
    })),
  });
}

describe("a cell of the table", () => {
  it("has the time to heal, losses, repetitions and requests", () => {
    expect(rendered("reset", [{ repeated: 4 }])).toContain("1.2 s · 0 lost · 4 again · 3/min");
  });

  it("says never where nothing came any more", () => {
    expect(rendered("reset", [{ healMs: undefined, lost: 9 }])).toContain("**never** · 9 lost");
  });

  it("tells losses before the gateway apart, and those that the page was told", () => {
    const outcome = { lost: 6, untold: 5, isTold: true };
    expect(rendered("burst", [outcome])).toContain("6 lost (5 before the gateway, told)");
  });

  it("has the requests alone where there is nothing to receive", () => {
    expect(rendered("parameter", [{}])).toContain("| not run | not run | not run | 3/min |");
  });

  it("is empty where what goes wrong cannot", () => {
    expect(rendered("gateway-kill", [{}])).toMatch(/\| – \| not run \| – \| 1\.2 s/);
  });
});

describe("the table of settings", () => {
  it("has each beside the way without it", () => {
    const without = { reader: "class", lost: 5 } as const;
    const way = "both, `continuity`";
    const text = rendered("502", [without, { reader: "class", way }]);
    expect(text).toMatch(/continuity.*5 lost.*\| .*0 lost/);
  });

  it("names ways, readers and faults that there are", () => {
    const names = new Set(FAULTS.map(({ name }) => name));
    for (const { without, faults } of REMEDIES) {
      expect(WAYS).toContain(without);
      expect(faults.filter((name) => !names.has(name))).toEqual([]);
    }
  });
});

describe("the document", () => {
  const marked = (text: string) =>
    `# Guide\n\n<!-- measured: begin -->${text}<!-- measured: end -->\n\nMore.\n`;

  it("keeps what stands around the marks, and can be written again", () => {
    const once = placeTables(marked("\n"), "tables");
    expect(once).toBe(marked("\n\ntables\n\n"));
    expect(placeTables(once, "others")).toBe(marked("\n\nothers\n\n"));
  });

  it("without marks is not touched", () => {
    expect(() => placeTables("# Guide\n", "tables")).toThrow("marks");
  });
});
