export type {
  ConnectionReason,
  GapReason,
  Source,
  StreamErrorCode,
} from "../core/index.js";
export { StreamError } from "../core/index.js";
export { defineEventSource, installEventSource } from "./define.js";
export {
  ThroughlineEventSource,
  ThroughlineEventSource as EventSource,
} from "./event-source.js";
export type { StreamEvent, SubscribeOptions, Subscription } from "./subscribe.js";
export { subscribe } from "./subscribe.js";
export type {
  BodyOption,
  CloseOptions,
  ConnectionChannel,
  ConnectionSnapshot,
  ConnectionStateName,
  ConnectionStatistics,
  Continuity,
  EventSourceOptions,
  FetchInit,
  FetchLike,
  FetchResponse,
  GapNotice,
  HeaderRecord,
  HeadersCause,
  HeadersOption,
  IncidentReport,
  Place,
  RequestUrlOption,
  ResumeBy,
  Transport,
  TransportFlag,
  TransportName,
} from "./types.js";
