import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "../../src/fault-proxy/fifo.js";

test("a queue returns its items in order, whatever is done to it", () => {
  const action = fc.constantFrom("push", "push", "shift", "replace", "clear");
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const queue = new Fifo<number>();
      const model: number[] = [];
      actions.forEach((name, number) => {
        if (name === "push") {
          queue.push(number);
          model.push(number);
        } else if (name === "shift") {
          queue.shift();
          model.shift();
        } else if (name === "replace" && model.length > 0) {
          queue.replaceFirst(number);
          model[0] = number;
        } else if (name === "clear") {
          queue.clear();
          model.length = 0;
        }
        expect(queue.first).toBe(model[0]);
      });
    }),
  );
});
