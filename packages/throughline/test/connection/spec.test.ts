// SPEC.md and the code say the same.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { ConnectionInput, ConnectionState } from "throughline/core";
import { stepConnection } from "throughline/core";
import { describe, expect, it } from "vitest";
import { TABLE } from "../../src/core/connection/table.js";
import { handingOver, late, lateHandingOver, machineIn, putAside } from "./harness.js";
import { anyContext, anyInput } from "./inputs.js";

const spec = readFileSync(new URL("../../src/core/connection/SPEC.md", import.meta.url), "utf8");

/** The rows of the first Markdown table after a heading, without its header. */
function tableAfter(heading: string): string[][] {
  const lines = spec.slice(spec.indexOf(`## ${heading}\n`)).split("\n");
  const start = lines.findIndex((line) => line.startsWith("|"));
  const rows: string[][] = [];
  for (const line of lines.slice(start)) {
    if (!line.startsWith("|")) break;
    rows.push(
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  return [rows[0] ?? [], ...rows.slice(2)];
}

function cellName(cell: unknown): string {
  if (cell === "ignored") return "–";
  return cell === "illegal" ? "✗" : (cell as { name: string }).name;
}

const [header = [], ...rows] = tableAfter("The table");
const cells = rows.flatMap(([input = "", ...names]) =>
  names.map((expected, index) => ({ input, state: header[index + 1] ?? "", expected })),
);
const table = TABLE as unknown as Record<string, Record<string, unknown>>;

describe("the table in SPEC.md", () => {
  it("names every state and every input of the code, and no other", () => {
    expect(header.slice(1).sort()).toEqual(Object.keys(TABLE).sort());
    expect(rows.map(([input]) => input).sort()).toEqual(Object.keys(TABLE.idle).sort());
  });

  it.each(cells)("has the code's cell for $input in $state", ({ input, state, expected }) => {
    expect(cellName(table[state]?.[input])).toBe(expected);
  });

  it.each(cells)("tells what $input does in $state", ({ input, state, expected }) => {
    const machine = machineIn(state as ConnectionState["name"]);
    const before = machine.state;
    const effectsBefore = machine.effects.length;
    const feed = () => machine.feed(input as ConnectionInput["kind"]);
    if (expected === "✗") {
      expect(feed).toThrow(`input "${input}" is illegal in state "${state}"`);
    } else if (expected === "–") {
      feed();
      expect(machine.state).toBe(before);
      expect(machine.effects).toHaveLength(effectsBefore);
    } else {
      feed();
      expect(successors.get(expected)).toContain(machine.name);
    }
  });
});

const successors = new Map(
  tableAfter("What comes of each transition")
    .slice(1)
    .map(([name = "", states = ""]) => [name, states.split(", ")] as const),
);
const loopBacks = new Set(
  tableAfter("Loop-back sites")
    .slice(1)
    .map(([site = ""]) => site.split(" ")[0]),
);

const anyStart = fc.constantFrom(
  ...(Object.keys(TABLE) as ConnectionState["name"][]).map((name) => () => machineIn(name)),
  handingOver,
  late,
  lateHandingOver,
  putAside,
);

describe("the successors in SPEC.md", () => {
  it("are exactly those that the code reaches", () => {
    const reached = new Map<string, Set<string>>();
    const connecting = new Set<string>();
    fc.assert(
      fc.property(
        anyStart,
        fc.array(fc.tuple(anyInput, anyContext), { maxLength: 30 }),
        (start, script) => {
          let { state, nowMs } = start();
          for (const [input, context] of script) {
            nowMs += context.elapsedMs;
            const name = cellName(table[state.name]?.[input.kind]);
            if (name === "✗") continue;
            const step = stepConnection(state, input, { ...context, nowMs });
            if (name !== "–") {
              reached.set(name, (reached.get(name) ?? new Set()).add(step.state.name));
              if (step.effects.some((effect) => effect.startsWith("connect"))) connecting.add(name);
            }
            state = step.state;
          }
        },
      ),
      { numRuns: 60_000, seed: 7 },
    );
    const sorted = (names: Iterable<string>) => [...names].sort();
    for (const [name, states] of successors) {
      expect([name, sorted(reached.get(name) ?? [])]).toEqual([name, sorted(states)]);
    }
    expect(sorted(reached.keys())).toEqual(sorted(successors.keys()));
    expect(sorted(connecting)).toEqual(sorted(loopBacks as Set<string>));
  });
});
