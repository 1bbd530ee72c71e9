import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventDeque } from "../../src/log/event-deque.js";

describe("an event deque", () => {
  it("behaves as an array does, whatever is pushed and dropped", () => {
    const step = fc.oneof(
      fc.record({ push: fc.array(fc.nat({ max: 9 }), { maxLength: 80 }) }),
      fc.record({ drop: fc.nat({ max: 120 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const deque = new EventDeque();
        let model: { offset: number; bytes: number }[] = [];
        let offset = 0;
        for (const each of steps) {
          if ("push" in each) {
            for (const bytes of each.push) {
              offset += 1;
              model.push({ offset, bytes });
              deque.push(eventAt(offset), bytes);
            }
          } else {
            model = model.slice(each.drop);
            deque.drop(each.drop);
          }
          expect(deque.length).toBe(model.length);
          expect(deque.bytes).toBe(model.reduce((sum, { bytes }) => sum + bytes, 0));
          expect(deque.oldest?.offset).toBe(model[0]?.offset);
          const page = deque.page(0, 1000, 1_000_000);
          expect(page.map((event) => event.offset)).toEqual(model.map((event) => event.offset));
        }
      }),
    );
  });

  it("cuts a page at the limit and at the bytes, but never before its first event", () => {
    const deque = new EventDeque();
    for (const [index, bytes] of [10, 10, 50, 10].entries()) deque.push(eventAt(index + 1), bytes);
    const page = (index: number, limit: number, maxBytes: number) =>
      deque.page(index, limit, maxBytes).map((event) => event.offset);
    expect(page(0, 3, 1000)).toEqual([1, 2, 3]);
    expect(page(0, 9, 20)).toEqual([1, 2]);
    expect(page(0, 9, 19)).toEqual([1]);
    expect(page(2, 9, 1)).toEqual([3]);
    expect(page(3, 9, 10)).toEqual([4]);
    expect(page(4, 9, 10)).toEqual([]);
    expect(page(0, 0, 10)).toEqual([]);
  });
});

function eventAt(offset: number) {
  return { offset, timeMs: 0, type: "message", data: "" };
}
