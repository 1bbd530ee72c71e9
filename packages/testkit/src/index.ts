export type {
  Conflict,
  Coverage,
  DeliveryChecker,
  DeliveryReport,
  Disorder,
  EventKey,
  FalseGap,
  Finding,
  GapNotice,
  Loss,
  ReaderOptions,
  Repetition,
} from "./checkers/index.js";
export { createDeliveryChecker } from "./checkers/index.js";
export type {
  AcceptStallFault,
  AnsweringFault,
  BufferFault,
  ConnectionAttempt,
  CutFault,
  DelayFault,
  Direction,
  EndCleanlyFault,
  EndingFault,
  Fault,
  FaultChange,
  FaultProxy,
  FaultProxyOptions,
  FaultStep,
  FinFault,
  FlapOptions,
  FreezeFault,
  GarbageFault,
  HalfOpenFault,
  HeadersOnlyFault,
  HttpErrorFault,
  LastingFault,
  OpenThenCloseFault,
  PassFault,
  ProxyStatistics,
  RefuseFault,
  RequestSeen,
  ResetFault,
  ResetNewFault,
  ScheduleEnd,
  SlowFault,
} from "./fault-proxy/index.js";
export { createFaultProxy } from "./fault-proxy/index.js";
export type { AssailOptions, AssailReport, Victim } from "./hostile/index.js";
export { assail } from "./hostile/index.js";
export type {
  ConformanceCase,
  LogConformanceOptions,
  LogSetup,
  LogUnderTest,
} from "./log-conformance.js";
export { logConformance } from "./log-conformance.js";
export { freePort, isListening } from "./ports.js";
export type { Trial, TrialResult } from "./reliability/index.js";
export { runTrial, TRIALS } from "./reliability/index.js";
