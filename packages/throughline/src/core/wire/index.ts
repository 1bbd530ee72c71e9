export type { EventFields } from "./encode.js";
export { encodeComment, encodeEvent, encodeRetry } from "./encode.js";
export type {
  ParsedEvent,
  Parser,
  ParserHandlers,
  ParserOptions,
  TextDecoderLike,
} from "./parse.js";
export { createParser, DEFAULT_MAX_EVENT_LENGTH } from "./parse.js";
