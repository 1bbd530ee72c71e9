import { expect, test } from "vitest";
import { readSource } from "../web/model/source.js";

test("a source is silent where the server says that it is stale, with the reason", () => {
  expect(readSource({ source: { state: "stale", reason: "network" } })).toEqual({
    state: "silent",
    reason: "network",
  });
});

test("a source that is live is heard", () => {
  expect(readSource({ source: { state: "live", reason: "open" } })?.state).toBe("heard");
});

test.each([{}, { source: undefined }, { source: "live" }])(
  "%o says nothing of a source",
  (told) => {
    expect(readSource(told)).toBeUndefined();
  },
);
