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
  ClientConformanceCase,
  ClientConformanceOptions,
  ClientLevel,
  OpenClient,
  ReceivedEvent,
} from "./client-conformance.js";
export { clientConformance } from "./client-conformance.js";
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
  GzipFault,
  HalfOpenFault,
  HeadersOnlyFault,
  HttpErrorFault,
  IdleTimeoutFault,
  LastingFault,
  LateHeadFault,
  OpenThenCloseFault,
  PassFault,
  ProxyStatistics,
  RefuseFault,
  RequestSeen,
  RequestSelection,
  ResetFault,
  ResetNewFault,
  RewriteHeadFault,
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
export type {
  Front,
  OpenReader,
  ReaderWatch,
  RunOptions,
  ScenarioClient,
  ScenarioServer,
  UrlServerOptions,
} from "./network-run/index.js";
export {
  becomesTrue,
  dropInClient,
  NumberedPublisher,
  publishedNumber,
  RecordedReader,
  runScenario,
  startHubServer,
  unplayable,
  urlServer,
} from "./network-run/index.js";
export { freePort, isListening } from "./ports.js";
export type { ProxyKind, ProxyPorts, RealProxy } from "./proxies/index.js";
export {
  caddy,
  findProgram,
  haproxy,
  nginx,
  startRealProxy,
  withPorts,
} from "./proxies/index.js";
export type {
  Detour,
  DurationRange,
  Expectation,
  HubAction,
  Impact,
  Random,
  ReaderGap,
  ReaderMeasures,
  ReaderState,
  ReaderTimes,
  Scenario,
  ScenarioMeasures,
  ScenarioStep,
  ScenarioVerdict,
  StepTimes,
} from "./scenario/index.js";
export {
  bundledScenarios,
  drawMs,
  formatFault,
  impactOf,
  judgeScenario,
  measureRecovery,
  PathHistory,
  PROMISES,
  parseFault,
  parseScenario,
  parseScenarios,
  parseStep,
  readScenarios,
} from "./scenario/index.js";
export type {
  ServerAbility,
  ServerConformanceCase,
  ServerConformanceOptions,
  ServerLevel,
  ServerUnderTest,
} from "./server-conformance.js";
export { serverConformance } from "./server-conformance.js";
export { simulateScenario, unsimulated } from "./simulation/scenario/simulate-scenario.js";
export { uniform } from "./uniform.js";
