export { diagnose } from "./diagnose.js";
export type { ExamineOptions } from "./examine.js";
export { examine } from "./examine.js";
export type { Finding, Severity } from "./finding.js";
export type { Observation } from "./observation.js";
export { renderReport } from "./report.js";
