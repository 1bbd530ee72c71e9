import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FINDING_CODES } from "../../src/doctor/finding.js";

describe("docs/doctor.md", () => {
  const text = readFileSync(new URL("../../../../docs/doctor.md", import.meta.url), "utf8");

  it("has every finding by its name, and no other", () => {
    const [, table = ""] = text.split("## Findings");
    const rows = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].map(([, cell = ""]) => cell);
    const names = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(names.sort()).toEqual([...FINDING_CODES, "status-…"].sort());
  });
});
