// SPEC.md and the code say the same.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import type {
  DeliveryInput,
  DeliveryState,
  DeliveryStateName,
  DeliveryStep,
} from "throughline/core";
import { stepDelivery } from "throughline/core";
import { describe, expect, it } from "vitest";
import { DELIVERY_TABLE } from "../../src/core/delivery/table.js";
import {
  type Awaited,
  CLOSED,
  contextWith,
  DRAINING,
  inputOf,
  LIVE,
  replaying,
  stateFor,
} from "./harness.js";

const spec = readFileSync(new URL("../../src/core/delivery/SPEC.md", import.meta.url), "utf8");

/** The first Markdown table after a heading: its header and its rows. */
function tableUnder(heading: string): { header: string[]; rows: string[][] } {
  const from = spec.indexOf(`\n## ${heading}\n`);
  const [, table = ""] = /\n\n((?:\|.*\n)+)/.exec(spec.slice(from)) ?? [];
  const [header = [], , ...rows] = table
    .trimEnd()
    .split("\n")
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return { header, rows };
}

const code = DELIVERY_TABLE as unknown as Record<string, Record<string, unknown>>;

function inWords(cell: unknown): string {
  if (typeof cell === "function") return cell.name;
  return cell === "ignored" ? "–" : "✗";
}

const { header, rows } = tableUnder("The table");
const states = header.slice(1) as DeliveryStateName[];
const cells = rows.flatMap(([input = "", ...words]) =>
  states.map((state, column) => ({
    state,
    input: input as DeliveryInput["kind"],
    word: words[column] ?? "",
  })),
);
const successors = new Map(
  tableUnder("What comes of each transition").rows.map(([name = "", next = ""]) => [
    name,
    next.split(", ").sort(),
  ]),
);

describe("the table in SPEC.md", () => {
  it("has the states and inputs of the code, and no others", () => {
    expect([...states].sort()).toEqual(Object.keys(DELIVERY_TABLE).sort());
    const inputs = Object.keys(DELIVERY_TABLE.replaying);
    expect(rows.map(([input]) => input).sort()).toEqual(inputs.sort());
  });

  it.each(cells)("has the code's cell for $input in $state", ({ state, input, word }) => {
    expect(word).toBe(inWords(code[state]?.[input]));
  });

  it.each(cells)("tells what becomes of $input in $state", ({ state, input, word }) => {
    const before = stateFor(state, input);
    const take = () => stepDelivery(before, inputOf(input), contextWith());
    if (word === "✗") {
      expect(take).toThrow(`a ${state} delivery cannot get "${input}"`);
    } else if (word === "–") {
      expect(take()).toEqual({ state: before, effects: [] });
    } else {
      expect(successors.get(word)).toContain(take().state.name);
    }
  });
});

const anyPosition = fc.record({
  epoch: fc.constantFrom("a", "b"),
  offset: fc.integer({ min: 0, max: 3 }),
});

const anyState: fc.Arbitrary<DeliveryState> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom<Awaited[]>("page", "confirmation", "verdict", "room", "feed"),
      anyPosition,
      anyPosition,
    )
    .map(([awaits, position, pointerThen]) => replaying(awaits, position, pointerThen)),
  fc.constantFrom(LIVE, DRAINING, CLOSED),
);

const anyInput: fc.Arbitrary<DeliveryInput> = fc.oneof(
  fc.record({
    kind: fc.constant("page" as const),
    upTo: fc.integer({ min: 0, max: 3 }),
    isEmpty: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("gap" as const), resumeAfter: anyPosition }),
  fc.constantFrom(...rows.map(([kind]) => inputOf(kind as DeliveryInput["kind"]))),
);

const anyContext = fc.record({
  nowMs: fc.integer({ min: 0, max: 2000 }),
  flushWithinMs: fc.constant(500),
  feed: fc.record({ pointer: anyPosition, isSealed: fc.boolean() }),
});

describe("the successors and loop-back sites in SPEC.md", () => {
  it("are exactly those that the code reaches", () => {
    const reached = new Map<string, Set<string>>();
    const asking = new Set<string>();
    const anyStep = fc.property(anyState, anyInput, anyContext, (state, input, context) => {
      const transition = inWords(code[state.name]?.[input.kind]);
      const next = tryStep(state, input, context);
      if (next === undefined || transition === "–") return;
      reached.set(transition, (reached.get(transition) ?? new Set()).add(next.state.name));
      if (next.effects.includes("request-page")) asking.add(transition);
    });
    fc.assert(anyStep, { numRuns: 50_000, seed: 11 });
    const found = [...reached].map(([name, names]) => [name, [...names].sort()] as const);
    expect(new Map(found)).toEqual(successors);
    const sites = tableUnder("Loop-back sites").rows.map(([site]) => site);
    expect([...asking].sort()).toEqual(sites.sort());
  });
});

/** The step; `undefined` where the input is a bug of the shell in this state. */
function tryStep(...parts: Parameters<typeof stepDelivery>): DeliveryStep | undefined {
  try {
    return stepDelivery(...parts);
  } catch {
    // Illegal inputs have their own tests.
    return undefined;
  }
}
