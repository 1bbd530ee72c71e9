export type {
  AcceptStallFault,
  AnsweringFault,
  BufferFault,
  CutFault,
  DelayFault,
  Direction,
  EndCleanlyFault,
  EndingFault,
  Fault,
  FinFault,
  FreezeFault,
  GarbageFault,
  HalfOpenFault,
  HeadersOnlyFault,
  HttpErrorFault,
  LastingFault,
  OpenThenCloseFault,
  PassFault,
  RefuseFault,
  ResetFault,
  ResetNewFault,
  SlowFault,
} from "./fault.js";
export { createFaultProxy, type FaultProxy, type FaultProxyOptions } from "./proxy.js";
export type { FaultStep, FlapOptions, ScheduleEnd } from "./schedule.js";
export type {
  ConnectionAttempt,
  FaultChange,
  ProxyStatistics,
  RequestSeen,
} from "./statistics.js";
