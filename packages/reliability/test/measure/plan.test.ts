import { describe, expect, it } from "vitest";
import { makePlan, type PlanRequest } from "../../src/measure/plan.js";

function plan(asked: Partial<PlanRequest> = {}) {
  return makePlan({ faults: [], clients: [], paths: [], runs: 8, seed: 1, parallel: 64, ...asked });
}

describe("the plan", () => {
  it("plays every scenario with every client on every path where it can be played", () => {
    const { scenarios, clients, paths } = plan();
    const cells = scenarios.filter(({ scenario }) => scenario.id === "1b");
    const open = cells.filter(({ pathKind }) => !pathKind.isEncrypted);
    expect(open).toHaveLength(clients.length * (paths.length - 1));
    // What is encrypted can be reset, not ended as a server would; and only browsers believe it.
    const encrypted = scenarios.filter(({ pathKind }) => pathKind.isEncrypted);
    expect(new Set(encrypted.map(({ kind }) => kind.host))).toEqual(
      new Set(["chromium", "firefox"]),
    );
    expect(encrypted.map(({ scenario }) => scenario.id)).not.toContain("1a");
  });

  it("has most runs of the drop-in on the direct path, and at least one of everything", () => {
    const runs = (client: string, path: string) =>
      plan().scenarios.find(
        ({ scenario, kind, pathKind }) =>
          scenario.id === "2a" && kind.id === client && pathKind.id === path,
      )?.runs;
    expect(runs("drop-in-node", "direct")).toBe(8);
    expect(runs("drop-in-node", "nginx")).toBe(2);
    expect(runs("native-firefox", "direct")).toBe(2);
    expect(runs("native-firefox", "nginx")).toBe(1);
  });

  it("plays what breaks the first connection, or sends requests astray, only where that can be", () => {
    const clientsOf = (id: string) =>
      new Set(
        plan()
          .scenarios.filter(({ scenario }) => scenario.id === id)
          .map(({ kind }) => kind.id),
      );
    expect(clientsOf("3c")).toEqual(new Set(["drop-in-node", "eventsource-node"]));
    expect(clientsOf("4c")).toEqual(new Set(["drop-in-node"]));
  });

  it("leaves out what many readers at a time cannot be given", () => {
    const ids = new Set(plan().scenarios.map(({ scenario }) => scenario.id));
    expect(ids).toContain("1f");
    for (const heavy of ["8a", "12d", "12e", "13a", "14a"]) expect(ids).not.toContain(heavy);
  });

  it("takes beginnings of ids, and a number only as a whole", () => {
    const { scenarios, blows } = plan({ faults: ["1", "2-packets-up"] });
    const ids = new Set(scenarios.map(({ scenario }) => scenario.id));
    expect(ids).toContain("1a");
    expect(ids).not.toContain("10a");
    expect(blows.map(({ id }) => id)).toEqual(["2-packets-up", "2-packets-up-idle"]);
  });

  it("says what there is when something is asked for that is not", () => {
    expect(() => plan({ clients: ["netscape"] })).toThrow(
      /--client netscape: nothing begins with that\. There are drop-in-node, /,
    );
  });
});
