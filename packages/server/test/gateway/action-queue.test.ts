import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { ActionQueue } from "../../src/gateway/action-queue.js";
import type { IntakeAction } from "../../src/gateway/intake.js";

/** A performer that writes down what is done, and stores only when it is told to. */
class Desk {
  readonly lines: string[] = [];
  readonly failures: unknown[] = [];
  readonly #underWay: { resolve(): void; reject(error: unknown): void }[] = [];
  readonly queue = new ActionQueue({
    append: (events) => {
      this.lines.push(events.map(({ data }) => data).join(" "));
      return new Promise((resolve, reject) => this.#underWay.push({ resolve, reject }));
    },
    perform: ({ kind }) => {
      this.lines.push(kind);
    },
    onFailed: (error) => this.failures.push(error),
  });

  async stored(): Promise<void> {
    this.#underWay.shift()?.resolve();
    await turn();
  }

  async fails(error: Error): Promise<void> {
    this.#underWay.shift()?.reject(error);
    await turn();
  }
}

const append = (data: string): IntakeAction => ({ kind: "append", events: [{ data }] });
const say: IntakeAction = { kind: "say", event: { type: "message", data: "", lastEventId: "" } };

it("stores together what comes while something is being stored, in order", async () => {
  const desk = new Desk();
  for (const name of ["a", "b", "c"]) await desk.queue.add([append(name)]);
  await desk.queue.add([say, append("d"), append("e")]);
  expect(desk.lines).toEqual(["a"]);
  await desk.stored();
  expect(desk.lines).toEqual(["a", "b c"]);
  await desk.stored();
  expect(desk.lines).toEqual(["a", "b c", "say", "d e"]);
});

it("does nothing more after a failure, and says so once and to whoever comes later", async () => {
  const desk = new Desk();
  await desk.queue.add([append("a"), append("b")]);
  const error = new Error("full");
  await desk.fails(error);
  expect(desk.failures).toEqual([error]);
  await expect(desk.queue.add([append("c")])).rejects.toBe(error);
  expect(desk.lines).toEqual(["a b"]);
});

it("lets whoever brings too much wait, and puts no more than so much into one batch", async () => {
  const desk = new Desk();
  await desk.queue.add([append("first")]);
  const many = Array.from({ length: 600 }, (_, n) => append(String(n)));
  let isThrough = false;
  const added = desk.queue.add(many).then(() => {
    isThrough = true;
  });
  await desk.stored();
  expect(desk.lines[1]?.split(" ")).toHaveLength(256);
  await added;
  expect(isThrough).toBe(true);
  await desk.queue.add([append("x".repeat(300_000)), append("last")]);
  for (const _ of [1, 2, 3, 4]) await desk.stored();
  expect(desk.lines.at(-1)).toBe("last");
});
