import { describe, expect, it } from "vitest";
import { inBatches } from "../../src/cli/in-batches.js";

async function* lines(count: number, text = "x") {
  for (let line = 0; line < count; line += 1) yield text;
}

async function sizes(source: AsyncIterable<string>): Promise<number[]> {
  const found: number[] = [];
  for await (const batch of inBatches(source)) found.push(batch.length);
  return found;
}

describe("lines that come together", () => {
  it("are one batch, up to 500 of them", async () => {
    expect(await sizes(lines(1201))).toEqual([500, 500, 201]);
  });

  it("are fewer where they are large, and never none", async () => {
    expect(await sizes(lines(5, "x".repeat(600_000)))).toEqual([2, 2, 1]);
    expect(await sizes(lines(2, "x".repeat(2_000_000)))).toEqual([1, 1]);
  });

  it("are no batch where there are none", async () => {
    expect(await sizes(lines(0))).toEqual([]);
  });

  it("do not wait for one that does not come", async () => {
    let arrive = (_line: string) => {};
    async function* slow() {
      yield "first";
      yield await new Promise<string>((resolve) => {
        arrive = resolve;
      });
    }
    const batches = inBatches(slow());
    expect((await batches.next()).value).toEqual(["first"]);
    const second = batches.next();
    arrive("second");
    expect((await second).value).toEqual(["second"]);
    expect((await batches.next()).done).toBe(true);
  });

  it("fail as their source does", async () => {
    async function* broken() {
      yield "first";
      throw new Error("broken");
    }
    await expect(sizes(broken())).rejects.toThrow("broken");
  });
});
