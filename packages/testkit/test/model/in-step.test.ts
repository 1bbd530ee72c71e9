// The model in ../../model speaks of the transitions of the two SPECs, and of no others.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const folder = new URL("../../model/", import.meta.url);
const core = new URL("../../../throughline/src/core/", import.meta.url);

const model = readdirSync(folder)
  .filter((name) => name.endsWith(".pml"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"))
  .join("\n")
  .replace(/\/\*[\s\S]*?\*\/|^#define.*$/gm, "");

const scope = JSON.parse(readFileSync(new URL("scope.json", folder), "utf8")) as Readonly<
  Record<Machine, Readonly<Record<string, string>>>
>;

type Machine = "delivery" | "connection";

/** All transitions in the table of a machine's SPEC. */
function transitionsOf(machine: Machine): string[] {
  const spec = readFileSync(new URL(`${machine}/SPEC.md`, core), "utf8");
  const [, table = ""] = /\n## The table\n[\s\S]*?\n\n((?:\|.*\n)+)/.exec(spec) ?? [];
  const [, , ...rows] = table.trimEnd().split("\n");
  const cells = rows.flatMap((row) => row.split("|").slice(2, -1));
  return distinct(cells.map((cell) => cell.trim()).filter((cell) => /^\w+$/.test(cell)));
}

/** The transitions that the model says it takes. */
function modelledIn(text: string, machine: Machine): string[] {
  const labels = text.matchAll(new RegExp(`\\b${machine.toUpperCase()}\\((\\w+)\\)`, "g"));
  return distinct([...labels].map(([, name = ""]) => name));
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

describe.each(["delivery", "connection"] as const)("the model of the %s", (machine) => {
  const known = transitionsOf(machine);
  const modelled = modelledIn(model, machine);
  const left = Object.keys(scope[machine]);

  it("has every transition of the SPEC, or a reason for leaving it out, and no other", () => {
    expect(known.length).toBeGreaterThan(10);
    expect(distinct([...modelled, ...left])).toEqual(known);
  });

  it("leaves out nothing that it has, and says why of all the rest", () => {
    expect(left.filter((name) => modelled.includes(name))).toEqual([]);
    expect(
      Object.values(scope[machine]).filter((reason) => !/^[A-Z].{10,}\.$|^As \w+\.$/.test(reason)),
    ).toEqual([]);
  });
});

it("every error that is planted by a run is in the model, and the other way round", () => {
  const runs = JSON.parse(readFileSync(new URL("runs.json", folder), "utf8")) as {
    planted: readonly { readonly name: string }[];
  };
  const inModel = distinct(model.match(/\bBUG_\w+/g) ?? []);
  expect(distinct(runs.planted.map(({ name }) => name))).toEqual(inModel);
});
