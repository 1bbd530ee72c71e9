import { describe, it } from "vitest";
import { embeddedLogConformance } from "./conformance.js";

describe("the embedded log that acknowledges before it stores, as every log", () => {
  for (const { name, run } of embeddedLogConformance("accepted")) it(name, run);
});
