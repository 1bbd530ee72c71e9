import type { TestCase } from "../test-case.js";
import { constructionCases } from "./construction.js";
import { crossOriginCases } from "./cross-origin.js";
import { formatTestCases } from "./format.js";
import { idAndRetryCases } from "./ids-and-retry.js";
import { interfaceCases } from "./interface-shape.js";
import { lifecycleCases } from "./lifecycle.js";
import { readableStreamCases } from "./readable-stream.js";
import { requestCases } from "./request.js";

/** All cases, in no particular order. */
export const cases: readonly TestCase[] = [
  ...constructionCases,
  ...interfaceCases,
  ...lifecycleCases,
  ...formatTestCases,
  ...idAndRetryCases,
  ...requestCases,
  ...crossOriginCases,
  ...readableStreamCases,
];
