export { assert, assertNever } from "./assert.js";
export type { Bookmark, IncomingBlock, Meaning } from "./bookmark.js";
export { advance, FRESH_BOOKMARK, greeted, jump, readBlock, turnPage } from "./bookmark.js";
export type {
  ConnectionContext,
  ConnectionEffect,
  ConnectionInput,
  ConnectionLimits,
  ConnectionReason,
  ConnectionState,
  ConnectionStateName,
  ConnectionStep,
  Incident,
  IncidentLog,
  Memory,
  ResponseHead,
} from "./connection/index.js";
export {
  classifyAnswer,
  connectionDeadlineMs,
  DEFAULT_LIMITS,
  INITIAL_STATE,
  NO_INCIDENTS,
  PATH_FIRST_MS,
  readyStateOf,
  recordIncident,
  requestWaitMs,
  serverDelayMs,
  stepConnection,
} from "./connection/index.js";
export type {
  DeliveryContext,
  DeliveryEffect,
  DeliveryInput,
  DeliveryState,
  DeliveryStateName,
  DeliveryStep,
  FeedView,
} from "./delivery/index.js";
export {
  beginDelivery,
  deliveredUpTo,
  deliveryDeadlineMs,
  stepDelivery,
} from "./delivery/index.js";
export type { StreamErrorCode, StreamErrorOptions } from "./errors.js";
export { StreamError } from "./errors.js";
export type { Cursor, Position, StartPoint } from "./position.js";
export { decodeCursor, encodeCursor, isBehind, isEpoch } from "./position.js";
export type {
  Drain,
  End,
  Gap,
  GapReason,
  Hello,
  LeaseAnswer,
  PulseTiming,
  Renew,
  ResumeAnswer,
  Source,
} from "./protocol.js";
export {
  CURSOR_PARAMETER,
  DEFAULT_PULSE,
  EVENT_STREAM,
  encodePulseHeader,
  isPulseTiming,
  isReserved,
  LAST_EVENT_ID_HEADER,
  PROTOCOL_VERSION,
  PULSE_HEADER,
  parsePulseHeader,
  RECOVERED_PARAMETER,
  RESERVED,
  RESERVED_PREFIX,
  TELL_PARAMETER,
  TELL_TOPICS,
  TOLD_HEADER,
  TOPICS_PARAMETER,
  WAIT_PARAMETER,
} from "./protocol.js";
export { parseRetryAfter } from "./retry-after.js";
export {
  ANY_REST,
  ANY_SEGMENT,
  coversAll,
  isTopicPattern,
  LONGEST_TOPIC,
  matchesPattern,
  matchesSegments,
} from "./topic-pattern.js";
export type {
  EventFields,
  ParsedEvent,
  Parser,
  ParserHandlers,
  ParserOptions,
  TextDecoderLike,
} from "./wire/index.js";
export {
  createParser,
  DEFAULT_MAX_EVENT_LENGTH,
  encodeComment,
  encodeEvent,
  encodeRetry,
} from "./wire/index.js";
