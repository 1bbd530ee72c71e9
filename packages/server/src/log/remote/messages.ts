// What goes between a log and those who use it from other processes.

import type { Position } from "throughline/core";
import type { NewEvent } from "../event.js";
import type {
  AppendResult,
  ProducerStamp,
  ReadOptions,
  ReadResult,
  StreamHead,
  TailMessage,
} from "../event-log.js";
import type { StreamName } from "../stream-name.js";
import type { WireError } from "./wire-error.js";

/** What a call asks for, and what its answer is, by the name of the method. */
export interface Calls {
  readonly append: {
    readonly asks: {
      readonly events: readonly NewEvent[];
      readonly producer?: ProducerStamp | undefined;
    };
    readonly answer: AppendResult;
  };
  readonly read: { readonly asks: { readonly options: ReadOptions }; readonly answer: ReadResult };
  readonly head: { readonly asks: object; readonly answer: StreamHead };
  readonly trim: { readonly asks: { readonly throughOffset: number }; readonly answer: StreamHead };
  readonly seal: {
    readonly asks: { readonly reason?: string | undefined };
    readonly answer: StreamHead;
  };
  readonly remove: { readonly asks: object; readonly answer: null };
}

/** A call, by its number. */
export type CallMessage = {
  [Method in keyof Calls]: Calls[Method]["asks"] & {
    readonly kind: Method;
    readonly call: number;
    readonly stream: StreamName;
  };
}[keyof Calls];

/** What the user of a log says. */
export type UserMessage =
  | CallMessage
  | {
      readonly kind: "tail";
      readonly tail: number;
      readonly stream: StreamName;
      readonly after: Position;
    }
  | { readonly kind: "close-tail"; readonly tail: number };

/** What the log says. */
export type LogMessage =
  | { readonly kind: "answer"; readonly call: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly call: number; readonly error: WireError }
  | { readonly kind: "told"; readonly tail: number; readonly message: TailMessage };
