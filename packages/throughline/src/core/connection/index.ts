export { classifyAnswer } from "./answer.js";
export type { Incident, IncidentLog } from "./incidents.js";
export { NO_INCIDENTS, recordIncident } from "./incidents.js";
export type { ConnectionStep } from "./outcomes.js";
export { requestWaitMs } from "./poll.js";
export { PATH_FIRST_MS, serverDelayMs } from "./retry.js";
export type {
  ConnectionContext,
  ConnectionEffect,
  ConnectionInput,
  ConnectionLimits,
  ConnectionReason,
  ConnectionState,
  ConnectionStateName,
  Memory,
  ResponseHead,
} from "./state.js";
export { DEFAULT_LIMITS, INITIAL_STATE, readyStateOf } from "./state.js";
export { connectionDeadlineMs, stepConnection } from "./step.js";
