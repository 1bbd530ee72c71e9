// Lists from which members leave at any moment, also while the list is gone through.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Audience, type AudienceMember } from "../../src/hub/audience.js";
import { encodeFrame } from "../../src/hub/frame.js";
import { WHEEL_SLOTS, Wheel, type WheelMember } from "../../src/hub/wheel.js";
import { VirtualEnvironment } from "./virtual-environment.js";

const FRAME = encodeFrame("data: x\n\n");
const TICK_MS = 10;

const ids = Array.from({ length: 40 }, (_, id) => id);

/** All join; then, in this order, who is there leaves, and who is not joins again. */
const anyComings = fc.array(fc.constantFrom(...ids), { maxLength: 80, size: "max" });

/** Those in `leaving` leave when they are served. */
class Crowd {
  readonly present = new Set<number>();
  served: number[] = [];

  play(comings: readonly number[], join: (id: number) => void, leave: (id: number) => void): void {
    for (const id of [...ids, ...comings]) {
      if (this.present.delete(id)) leave(id);
      else {
        this.present.add(id);
        join(id);
      }
    }
  }

  expectAllServedOnce(): void {
    expect(this.served.sort((a, b) => a - b)).toEqual([...this.present].sort((a, b) => a - b));
    this.served = [];
  }
}

describe("an audience", () => {
  it("serves exactly its members, once each, whoever came and went", () => {
    const anyRun = fc.property(anyComings, fc.subarray(ids), (comings, leaving) => {
      const audience = new Audience(undefined, 0);
      const crowd = new Crowd();
      let mayLeave = false;
      const members = ids.map(
        (id): AudienceMember => ({
          seat: -1,
          onAdvanced: () => {},
          deliver() {
            crowd.served.push(id);
            if (mayLeave && leaving.includes(id)) audience.leave(this);
          },
        }),
      );
      const pick = (id: number) => members[id] as AudienceMember;
      crowd.play(
        comings,
        (id) => audience.join(pick(id)),
        (id) => audience.leave(pick(id)),
      );
      audience.broadcast(FRAME, 1);
      crowd.expectAllServedOnce();
      mayLeave = true;
      audience.broadcast(FRAME, 2);
      crowd.expectAllServedOnce();
      for (const id of leaving) crowd.present.delete(id);
      audience.broadcast(FRAME, 3);
      crowd.expectAllServedOnce();
      expect(audience.size).toBe(crowd.present.size);
    });
    fc.assert(anyRun);
  });
});

describe("the wheel", () => {
  it("visits exactly its members, once per round, whoever came and went", async () => {
    const anyRun = fc.asyncProperty(anyComings, fc.subarray(ids), async (comings, leaving) => {
      const environment = new VirtualEnvironment();
      const wheel = new Wheel(environment, TICK_MS);
      const crowd = new Crowd();
      let mayLeave = false;
      const members = ids.map(
        (id): WheelMember => ({
          slot: 0,
          place: 0,
          visit() {
            crowd.served.push(id);
            if (mayLeave && leaving.includes(id)) wheel.remove(this);
          },
        }),
      );
      const pick = (id: number) => members[id] as WheelMember;
      const round = () => environment.pass(WHEEL_SLOTS * TICK_MS);
      crowd.play(
        comings,
        (id) => wheel.add(pick(id)),
        (id) => wheel.remove(pick(id)),
      );
      await round();
      crowd.expectAllServedOnce();
      mayLeave = true;
      await round();
      crowd.expectAllServedOnce();
      for (const id of leaving) crowd.present.delete(id);
      await round();
      crowd.expectAllServedOnce();
      expect(environment.timers).toBe(crowd.present.size > 0 ? 1 : 0);
    });
    await fc.assert(anyRun, { numRuns: 50 });
  });
});
