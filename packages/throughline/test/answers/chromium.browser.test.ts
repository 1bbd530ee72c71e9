import { describe } from "vitest";
import { describeAnswers } from "./describe-answers.js";

describe("in Chromium", () => {
  describeAnswers("chromium");
});
