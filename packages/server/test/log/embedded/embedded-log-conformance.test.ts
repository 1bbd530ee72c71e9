import { describe, it } from "vitest";
import { embeddedLogConformance } from "./conformance.js";

describe("the embedded log, as every log", () => {
  for (const { name, run } of embeddedLogConformance("durable")) it(name, run);
});
