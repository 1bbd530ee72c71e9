"use client";

export type {
  ConnectionChannel,
  ConnectionReason,
  ConnectionSnapshot,
  ConnectionStateName,
  ConnectionStatistics,
  EventSourceOptions,
  GapNotice,
  IncidentReport,
} from "../client/index.js";
export type { ConnectionStatusProps } from "./connection-status.js";
export { ConnectionStatus } from "./connection-status.js";
export type { ConnectionSummary } from "./connection-summary.js";
export type {
  EventHandler,
  EventSourceClass,
  StreamSource,
  ThroughlineOptions,
  UseEventSourceOptions,
} from "./options.js";
export type { ThroughlineProviderProps } from "./provider.js";
export { ThroughlineProvider } from "./provider.js";
export { useConnectionStatus } from "./use-connection-status.js";
export type { EventReducerHandle, UseEventReducerOptions } from "./use-event-reducer.js";
export { useEventReducer } from "./use-event-reducer.js";
export type { EventSourceHandle } from "./use-event-source.js";
export { useEventSource } from "./use-event-source.js";
export type { StatusWords } from "./words.js";
