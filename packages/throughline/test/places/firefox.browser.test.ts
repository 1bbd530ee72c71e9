import { findFirefox } from "@throughline/browsers";
import { describe } from "vitest";
import { describePlaces } from "./describe-places.js";

// Only a machine that has it can run it; `npm test` installs it where it can.
describe.skipIf(findFirefox() === undefined)("in Firefox", () => {
  describePlaces("firefox");
});
