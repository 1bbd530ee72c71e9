export { bundledScenarios, readScenarios } from "./bundled-scenarios.js";
export { type DurationRange, drawMs } from "./duration.js";
export { formatFault, parseFault } from "./fault-text.js";
export {
  judgeScenario,
  type ReaderGap,
  type ReaderMeasures,
  type ReaderState,
  type ScenarioMeasures,
} from "./judge.js";
export { parseScenario, parseScenarios, parseStep } from "./parse-scenario.js";
export {
  type Detour,
  type Expectation,
  type HubAction,
  PROMISES,
  type Random,
  type Scenario,
  type ScenarioStep,
} from "./scenario.js";
export {
  type Impact,
  impactOf,
  measureRecovery,
  PathHistory,
  type ReaderTimes,
  type StepTimes,
} from "./strike.js";
export {
  MARK_EVERY_MS,
  needsDelivery,
  restWithinMs,
  type ScenarioVerdict,
  verdictOf,
} from "./verdict.js";
