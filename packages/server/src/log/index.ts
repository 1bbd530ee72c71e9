export { createEmbeddedLog } from "./embedded/embedded-log.js";
export type { EmbeddedLogOptions, LossListener, LostEvents } from "./embedded/options.js";
export type { NewEvent, StoredEvent } from "./event.js";
export { DEFAULT_EVENT_TYPE, eventBytes } from "./event.js";
export type {
  Appended,
  AppendOptions,
  AppendResult,
  EventLog,
  EventsPage,
  LogGap,
  ProducerStamp,
  ReadOptions,
  ReadResult,
  ResetGap,
  StreamHead,
  Tail,
  TailEvents,
  TailListener,
  TailMessage,
  TailSealed,
  TrimmedGap,
} from "./event-log.js";
export { createMemoryLog } from "./memory-log.js";
export type { MemoryLogOptions, ResolvedMemoryLogOptions } from "./memory-log-options.js";
export { resolveMemoryLogOptions } from "./memory-log-options.js";
export type { OffsetRun, ProducerOutcome, ProducerRecord } from "./producer.js";
export {
  findRepeated,
  ProducerOrderError,
  REMEMBERED_BATCHES,
  REMEMBERED_PRODUCERS,
  rememberOutcome,
} from "./producer.js";
export type { ChannelListener, LogChannel } from "./remote/channel.js";
export { createLogChannel } from "./remote/channel.js";
export type { RemoteLogOptions } from "./remote/remote-log.js";
export { createRemoteLog } from "./remote/remote-log.js";
export type { ServeLogOptions } from "./remote/serve-log.js";
export { serveLog } from "./remote/serve-log.js";
export type { StreamName } from "./stream-name.js";
export { parseStreamName } from "./stream-name.js";
export { isTraceparent } from "./traceparent.js";
export {
  validateEvents,
  validateOffset,
  validatePosition,
  validateProducer,
  validateReadOptions,
} from "./validate-arguments.js";
