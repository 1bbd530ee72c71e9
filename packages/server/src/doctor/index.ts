export { diagnose } from "./diagnose.js";
export { examine } from "./examine.js";
export { renderReport } from "./report.js";
