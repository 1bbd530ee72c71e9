export { createDeliveryChecker, type DeliveryChecker } from "./delivery-checker.js";
export type {
  Conflict,
  Coverage,
  DeliveryReport,
  Disorder,
  EventKey,
  FalseGap,
  Finding,
  GapNotice,
  Loss,
  Repetition,
} from "./delivery-report.js";
export type { ReaderOptions } from "./judge-reader.js";
