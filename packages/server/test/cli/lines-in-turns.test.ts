import { describe, expect, it } from "vitest";
import { linesInTurns } from "../../src/cli/lines-in-turns.js";

function collect() {
  const written: string[] = [];
  return { written, lines: linesInTurns({ write: (text) => written.push(text) }) };
}

describe("lines of one turn", () => {
  it("are written in one piece when the turn is over, and the next ones after them", async () => {
    const { written, lines } = collect();
    lines.write("one\n");
    lines.write("two\n");
    expect(written).toEqual([]);
    await new Promise(setImmediate);
    lines.write("three\n");
    await new Promise(setImmediate);
    expect(written).toEqual(["one\ntwo\n", "three\n"]);
  });

  it("are written before the process ends, and leave nothing behind on it", async () => {
    const before = process.listenerCount("exit");
    const { written, lines } = collect();
    lines.write("last\n");
    const [onExit] = process.listeners("exit").slice(before);
    onExit?.(0);
    expect(written).toEqual(["last\n"]);
    await new Promise(setImmediate);
    expect(written).toEqual(["last\n"]);
    expect(process.listenerCount("exit")).toBe(before);
  });
});
