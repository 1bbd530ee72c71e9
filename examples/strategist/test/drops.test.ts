import { expect, test } from "vitest";
import { type Incident, listDrops } from "../web/model/drops.js";
import type { FaultRecord } from "../web/model/fault.js";

const incident: Incident = {
  reason: "silent",
  lastByteAtMs: 10_000,
  detectedAtMs: 11_800,
  healedAtMs: 23_500,
  attempts: 5,
};

const freeze: FaultRecord = { fault: "freeze", startedAtMs: 10_100, endsAtMs: 22_100 };

test("durations begin with the last byte, and healing is also counted from the link's return", () => {
  expect(listDrops([incident], [freeze])).toEqual([
    {
      key: "11800",
      reason: "silent",
      lastByteAtMs: 10_000,
      detectedAfterMs: 1800,
      healedAfterMs: 13_500,
      fault: "freeze",
      linkBackAfterMs: 12_100,
      healedAfterLinkMs: 1400,
      attempts: 5,
    },
  ]);
});

test("without a fault of ours, healing is counted from the notice", () => {
  const [drop] = listDrops([incident], []);
  expect(drop).toMatchObject({
    fault: undefined,
    linkBackAfterMs: undefined,
    healedAfterLinkMs: 11_700,
  });
});

test("a fault that strikes once breaks the link for no time at all", () => {
  const reset: FaultRecord = { fault: "reset", startedAtMs: 10_200, endsAtMs: 10_200 };
  const [drop] = listDrops([{ ...incident, detectedAtMs: 10_210, healedAtMs: 10_400 }], [reset]);
  expect(drop).toMatchObject({
    fault: "reset",
    linkBackAfterMs: undefined,
    healedAfterLinkMs: 190,
  });
});

test("a fault that was over long before is not blamed", () => {
  const old: FaultRecord = { fault: "freeze", startedAtMs: 1000, endsAtMs: 9000 };
  expect(listDrops([incident], [old])[0]?.fault).toBeUndefined();
});

test("a drop that lasts has no end yet, and the newest drop stands first", () => {
  const now = { ...incident, lastByteAtMs: 30_000, detectedAtMs: 31_800, healedAtMs: undefined };
  const drops = listDrops([incident, now], [freeze]);
  expect(drops.map(({ key }) => key)).toEqual(["31800", "11800"]);
  expect(drops[0]).toMatchObject({ healedAfterMs: undefined, healedAfterLinkMs: undefined });
});
