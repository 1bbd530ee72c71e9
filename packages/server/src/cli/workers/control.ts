// What a server's first process, the primary, and its workers say to each other, beside what goes to and
// from the log. Over the channel that Node gives a process and its child, which also carries sockets.

import type { LeaseRenewal, LimitUse, PeerAnswer } from "../../hub/index.js";
import type { Readiness } from "../../operations/health.js";
import type { MetricsSnapshot } from "../../operations/metrics.js";
import type { ServeConfig } from "../config/serve-settings.js";

/** Where in a worker the socket to the log is, as a file descriptor. */
export const LOG_DESCRIPTOR = 4;

/** What either side may ask the other, and what is answered. */
export interface Questions {
  /** Of a worker: what it has counted. */
  readonly snapshot: { readonly asks: null; readonly answer: MetricsSnapshot };
  /** Of the primary: what all have counted, as `/metrics` shows it. */
  readonly metrics: { readonly asks: null; readonly answer: string };
  /** Of the primary by the worker that was asked, and of the worker whose connection it is. */
  readonly lease: {
    readonly asks: { readonly hubId: string; readonly renewal: LeaseRenewal };
    readonly answer: PeerAnswer;
  };
}

/** A question by its number, or the answer to it. */
export type Exchange =
  | {
      [Kind in keyof Questions]: {
        readonly kind: "question";
        readonly id: number;
        readonly about: Kind;
        readonly asks: Questions[Kind]["asks"];
      };
    }[keyof Questions]
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown };

/** What the primary tells a worker. */
export type ToWorker =
  | Exchange
  /** The first message: who it is, and what it shall do. */
  | { readonly kind: "begin"; readonly worker: number; readonly config: ServeConfig }
  /** A connection, which comes with it. */
  | { readonly kind: "connection" }
  /** What other workers have let in. */
  | { readonly kind: "uses"; readonly uses: readonly LimitUse[] }
  | { readonly kind: "renew-certificate" }
  /** All readers shall go. It says `drained` when they have, and refuses whoever comes until `end`. */
  | { readonly kind: "drain" }
  | { readonly kind: "end" };

/** What a worker tells the primary. */
export type ToPrimary =
  | Exchange
  /** It takes connections from now on. */
  | { readonly kind: "serving"; readonly hubId: string }
  /** It cannot serve, and ends. Expected is what the settings have brought about. */
  | { readonly kind: "failed"; readonly message: string; readonly isExpected: boolean }
  /** Said at every change, and every second as a sign of life. */
  | { readonly kind: "readiness"; readonly readiness: Readiness }
  /** It has the connection that was handed to it last. */
  | { readonly kind: "taken" }
  /** So many connections are over. */
  | { readonly kind: "left"; readonly count: number }
  | { readonly kind: "uses"; readonly uses: readonly LimitUse[] }
  | { readonly kind: "drained" };
