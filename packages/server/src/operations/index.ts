export type { Health, HealthOptions, Liveness, Readiness } from "./health.js";
export { createHealth } from "./health.js";
export type { HealthNotice, HealthObserver, HealthPart, PartHealth } from "./health-notice.js";
export type { Metrics, MetricsOptions, WatchedHub } from "./metrics.js";
export { createMetrics } from "./metrics.js";
export type { OperatorEndpoints, OperatorEndpointsOptions } from "./operator-endpoints.js";
export { createOperatorEndpoints } from "./operator-endpoints.js";
export type { LogLevel, OperatorLog, OperatorLogOptions } from "./operator-log.js";
export { createOperatorLog } from "./operator-log.js";
