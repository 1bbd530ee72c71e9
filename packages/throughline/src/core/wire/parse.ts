// Reads an event stream piece by piece, as the HTML standard has it (§9.2.5 and §9.2.6), and beyond the
// standard: comments and blocks with only an id are reported, the id moves when the event has been
// taken and not before, and no stream can make the parser hold more than it was allowed to.

import { StreamError } from "../errors.js";

/** One dispatched event. */
export interface ParsedEvent {
  /** The block's `event` field; `"message"` where it has none or an empty one. */
  readonly type: string;
  /** The block's `data` lines, joined by LF. */
  readonly data: string;
  /** Where a reader that has taken this event stands: the last id up to and including this block. */
  readonly lastEventId: string;
  /** The `id` field of this very block, `undefined` where it has none (or only one with a NUL). */
  readonly id: string | undefined;
}

/**
 * What is told while text is parsed, in the stream's order, from inside {@link Parser.push}.
 *
 * A handler that throws ends the reading; {@link Parser.push} says how. It may call {@link Parser.reset}: the
 * rest of the text is dropped and no further handler is called for it. It must not call `push`, unless
 * it has called `reset` before.
 */
export interface ParserHandlers {
  /** A whole block with data. */
  onEvent(event: ParsedEvent): void;
  /** A comment line, without its colon and one leading space. */
  onComment?: ((text: string) => void) | undefined;
  /**
   * A `retry` field made of digits only, when its line ends. The standard knows no largest value; what
   * is above 2^53 - 1 ms is reported as that.
   */
  onRetry?: ((ms: number) => void) | undefined;
  /** A whole block with an `id` and no data: no event is dispatched, yet the last event id moves. */
  onId?: ((id: string) => void) | undefined;
}

/** The part of the platform's `TextDecoder` that is used to read bytes. */
export interface TextDecoderLike {
  decode(input?: Uint8Array, options?: { stream?: boolean }): string;
}

/** Options of {@link createParser}. */
export interface ParserOptions {
  /**
   * Most that one event may take: the length of its `data` lines so far, field names and line ends
   * included, plus that of the line being read, whatever it is. Counted in UTF-16 code units, which is
   * at most the number of bytes. Default {@link DEFAULT_MAX_EVENT_LENGTH}.
   */
  readonly maxEventLength?: number | undefined;
  /**
   * Decodes the bytes that are pushed; needed only where bytes are. It must be a decoder of its own
   * for UTF-8 that replaces malformed input and lets the byte order mark through, because exactly one
   * is the parser's to strip: `new TextDecoder("utf-8", { ignoreBOM: true })`.
   */
  readonly decoder?: TextDecoderLike | undefined;
}

/**
 * Default of {@link ParserOptions.maxEventLength}: 16 Mi. Far more than any event that is meant to be
 * shown, far less than what ends a process or a tab.
 */
export const DEFAULT_MAX_EVENT_LENGTH = 16 * 1024 * 1024;

/** Reads one connection after the other; {@link createParser} makes it. */
export interface Parser {
  /**
   * The id to resume from: that of the last block whose handler has returned. An id in a block that is
   * unfinished, was cut, or whose handler threw is never seen here.
   */
  readonly lastEventId: string;

  /**
   * Parses the next piece of the stream, cut anywhere, also inside a character of bytes or a CRLF.
   *
   * A line counts as ended by its CR, so an event is never held back for a byte that may follow.
   *
   * Where a handler throws, the exception leaves `push` at once, and the rest of the text is dropped.
   * The id of that block is not taken over, so a reader that resumes from `lastEventId` gets it, and
   * what was behind it, again.
   *
   * @throws StreamError `event-too-large` once an event has gone past `maxEventLength`; whatever ended
   * before it has been told. How the stream was cut makes no difference to when that is.
   * @throws StreamError `invalid-state` after either, until `reset`, and when called from a handler.
   * @throws StreamError `invalid-option` for bytes without a decoder.
   */
  push(chunk: string | Uint8Array): void;

  /**
   * Makes ready for a new connection: drops the unfinished block and all text that is waiting, and
   * expects a byte order mark anew.
   *
   * @param lastEventId the id to go on from. Left out, the parser keeps the one it has. Inside
   * `onEvent` and `onId` that is the one before the block in hand, which is thereby given up; pass its
   * id to take it over.
   */
  reset(lastEventId?: string): void;
}

/**
 * Creates a parser for an event stream.
 *
 * Blocks are atomic: the handlers hear of a block's event once its blank line has come, or never. A
 * block that the end of the connection cuts is never dispatched.
 *
 * @throws StreamError `invalid-option` where `maxEventLength` is not a positive safe integer.
 */
export function createParser(handlers: ParserHandlers, options: ParserOptions = {}): Parser {
  return new StreamParser(handlers, options);
}

/** The type of an event whose block says none, or an empty one. */
const DEFAULT_TYPE = "message";

const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const LOWER_D = 100;
const LOWER_E = 101;
const LOWER_I = 105;
const LOWER_R = 114;
const BYTE_ORDER_MARK = 0xfeff;

/** Pieces of an unfinished line are joined when there are so many, so that each costs little memory. */
const MAX_PIECES = 1024;

class StreamParser implements Parser {
  readonly #handlers: ParserHandlers;
  readonly #decoder: TextDecoderLike | undefined;
  readonly #maxEventLength: number;

  #lastEventId = "";

  // The block so far. `undefined` is "no such field", which an empty field is not.
  #data: string | undefined;
  #type = DEFAULT_TYPE;
  #id: string | undefined;
  /** What is left of `maxEventLength` for the line being read. */
  #room: number;

  /** The unfinished line, in the pieces it came in, and their length. */
  #pieces: string[] = [];
  #piecesLength = 0;
  #isAtStart = true;
  /** A CR ended the last piece: an LF at the next one's start belongs to it. */
  #skipsLineFeed = false;
  /** Whether `push` is at work. What makes it throw leaves it set, until `reset`. */
  #isParsing = false;
  /** Counted on by each piece of work and by `reset`, so that work sees that a handler has reset it. */
  #run = 0;
  #hasDecoded = false;

  constructor(handlers: ParserHandlers, options: ParserOptions) {
    const { maxEventLength = DEFAULT_MAX_EVENT_LENGTH, decoder } = options;
    if (!Number.isSafeInteger(maxEventLength) || maxEventLength < 1) {
      throw misuse(
        `maxEventLength: expected a positive integer, got ${maxEventLength}.`,
        "invalid-option",
      );
    }
    this.#handlers = handlers;
    this.#decoder = decoder;
    this.#maxEventLength = maxEventLength;
    this.#room = maxEventLength;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  push(chunk: string | Uint8Array): void {
    if (this.#isParsing) throw misuse("push() inside a handler or after an error: reset() first.");
    const text = typeof chunk === "string" ? chunk : this.#decode(chunk);
    if (text === "") return;
    let start = 0;
    if (this.#isAtStart) {
      this.#isAtStart = false;
      if (text.charCodeAt(0) === BYTE_ORDER_MARK) start = 1;
    }
    if (this.#pieces.length > 0) {
      const lf = find(text, "\n", 0);
      const cr = find(text, "\r", 0);
      if (lf === cr) {
        this.#hold(text, this.#room);
        return;
      }
      start = Math.min(lf, cr) + 1;
      this.#pieces.push(text.slice(0, start));
      const line = this.#pieces.join("");
      this.#clearPieces();
      const before = line.length - start;
      if (!this.#parse(line, 0, before + lf, before + cr)) return;
    }
    if (this.#skipsLineFeed && start < text.length) {
      this.#skipsLineFeed = false;
      if (text.charCodeAt(start) === LF) start += 1;
    }
    this.#parse(text, start, -1, -1);
  }

  reset(lastEventId: string = this.#lastEventId): void {
    this.#lastEventId = lastEventId;
    this.#clearBlock();
    this.#clearPieces();
    this.#isAtStart = true;
    this.#skipsLineFeed = false;
    this.#isParsing = false;
    this.#run += 1;
    if (this.#hasDecoded) {
      this.#hasDecoded = false;
      // The end of input: forgets the bytes of a character that was cut.
      this.#decoder?.decode();
    }
  }

  /**
   * Parses `text` from `at` on. The hot loop, whose shape the benchmark has chosen: the block is in local
   * variables, and `text` is never assigned anew, which would have its type checked at every character.
   * Every line costs at most one search for each kind of line end; blank lines none, as they are seen at
   * once.
   *
   * @param lf the first LF from `at` on, where it is known; -1 where not. `cr` likewise.
   * @returns whether to go on: no handler has called `reset`.
   */
  #parse(text: string, at: number, lf: number, cr: number): boolean {
    const { length } = text;
    const handlers = this.#handlers;
    const run = ++this.#run;
    this.#isParsing = true;
    let data = this.#data;
    let type = this.#type;
    let id = this.#id;
    let room = this.#room;
    let lastEventId = this.#lastEventId;
    while (at < length) {
      const start = at;
      const first = text.charCodeAt(start);
      if (first === LF || first === CR) {
        at = first === LF ? start + 1 : this.#afterCarriageReturn(text, start);
        if (id !== undefined) lastEventId = id;
        if (data !== undefined) {
          handlers.onEvent({ type, data, lastEventId, id });
        } else if (id !== undefined) {
          handlers.onId?.(id);
        }
        // What a `reset` by the handler has set stands.
        if (run !== this.#run) return false;
        this.#lastEventId = lastEventId;
        data = undefined;
        type = DEFAULT_TYPE;
        id = undefined;
        room = this.#maxEventLength;
        continue;
      }
      // At `length` there is none, so text without a CR is searched for one only once.
      if (lf < start) lf = find(text, "\n", start);
      if (cr < start) cr = find(text, "\r", start);
      const end = lf < cr ? lf : cr;
      if (end === length) {
        this.#hold(text.slice(start), room);
        break;
      }
      if (end - start > room) throw this.#refuse();
      at = lf < cr ? end + 1 : this.#afterCarriageReturn(text, end);
      // A name need not be compared with the line's end in view: it holds no line end. V8 compiles `startsWith`
      // to comparisons where it looks for at most three characters.
      if (first === LOWER_D && text.startsWith("ata", start + 1)) {
        const value = valueAfter(text, start + 4, end);
        if (value >= 0) {
          const line = text.slice(value, end);
          data = data === undefined ? line : `${data}\n${line}`;
          room -= end - start + 1;
        }
      } else if (first === LOWER_I && text.startsWith("d", start + 1)) {
        const value = valueAfter(text, start + 2, end);
        if (value >= 0) {
          const line = text.slice(value, end);
          if (!line.includes("\0")) id = line;
        }
      } else if (
        first === LOWER_E &&
        text.startsWith("ve", start + 1) &&
        text.startsWith("nt", start + 3)
      ) {
        const value = valueAfter(text, start + 5, end);
        if (value >= 0) type = text.slice(value, end) || DEFAULT_TYPE;
      } else if (first === COLON) {
        if (handlers.onComment !== undefined) {
          handlers.onComment(text.slice(valueAfter(text, start, end), end));
          if (run !== this.#run) return false;
        }
      } else if (first === LOWER_R) {
        this.#tellRetry(text.slice(start, end));
        if (run !== this.#run) return false;
      }
    }
    this.#isParsing = false;
    this.#data = data;
    this.#type = type;
    this.#id = id;
    this.#room = room;
    return true;
  }

  /** Where the line behind the CR at `end` begins: an LF that follows belongs to it. */
  #afterCarriageReturn(text: string, end: number): number {
    const next = end + 1;
    if (next === text.length) this.#skipsLineFeed = true;
    else if (text.charCodeAt(next) === LF) return next + 1;
    return next;
  }

  /** Keeps a piece of a line that is not whole; `room` is what the line may take. */
  #hold(piece: string, room: number): void {
    this.#piecesLength += piece.length;
    if (this.#piecesLength > room) throw this.#refuse();
    if (this.#pieces.push(piece) === MAX_PIECES) this.#pieces = [this.#pieces.join("")];
  }

  #tellRetry(line: string): void {
    const digits = RETRY.exec(line)?.[1];
    if (digits !== undefined) {
      this.#handlers.onRetry?.(Math.min(Number(digits), Number.MAX_SAFE_INTEGER));
    }
  }

  #clearBlock(): void {
    this.#data = undefined;
    this.#type = DEFAULT_TYPE;
    this.#id = undefined;
    this.#room = this.#maxEventLength;
  }

  #clearPieces(): void {
    this.#pieces = [];
    this.#piecesLength = 0;
  }

  #decode(bytes: Uint8Array): string {
    if (this.#decoder === undefined) {
      throw misuse("A parser for bytes needs the option `decoder`.", "invalid-option");
    }
    this.#hasDecoded = true;
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** Lets go of everything that is held; nothing more is taken until `reset`. */
  #refuse(): StreamError {
    this.#isParsing = true;
    this.#clearBlock();
    this.#clearPieces();
    return new StreamError(`An event is longer than maxEventLength, ${this.#maxEventLength}.`, {
      code: "event-too-large",
      fault: "remote",
    });
  }
}

function misuse(
  message: string,
  code: "invalid-state" | "invalid-option" = "invalid-state",
): StreamError {
  return new StreamError(message, { code, fault: "local" });
}

const RETRY = /^retry: ?([0-9]+)$/;

/** The first `character` in `text` from `start` on; the text's length where there is none. */
function find(text: string, character: string, start: number): number {
  const at = text.indexOf(character, start);
  return at < 0 ? text.length : at;
}

/** Where the value begins behind a name that ends at `nameEnd`; -1 where the name goes on there. */
function valueAfter(text: string, nameEnd: number, end: number): number {
  if (text.charCodeAt(nameEnd) === COLON) {
    return text.charCodeAt(nameEnd + 1) === SPACE ? nameEnd + 2 : nameEnd + 1;
  }
  return nameEnd === end ? end : -1;
}
