export type {
  CloseOptions,
  Extent,
  Hub,
  HubErrorContext,
  HubErrorListener,
  HubOptions,
  HubStats,
  NodeRequest,
  NodeResponse,
  Published,
} from "./hub/index.js";
export { createHub } from "./hub/index.js";
export type {
  AppendResult,
  EventLog,
  EventsPage,
  LogGap,
  MemoryLogOptions,
  NewEvent,
  ReadOptions,
  ReadResult,
  ResetGap,
  StoredEvent,
  StreamHead,
  StreamName,
  Tail,
  TailEvents,
  TailListener,
  TailMessage,
  TailSealed,
  TrimmedGap,
} from "./log/index.js";
export { createMemoryLog, eventBytes, parseStreamName, validateEvents } from "./log/index.js";
