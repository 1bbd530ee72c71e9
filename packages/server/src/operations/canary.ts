// An event of its own that goes through the log every second, and has to come out of a tail: the only
// proof that publishing ends in delivery. A log that takes and answers may be deaf all the same.

import { RESERVED_PREFIX, StreamError } from "throughline/core";
import type { HubEnvironment, StopTimer } from "../hub/environment.js";
import type { EventLog, Tail, TailMessage } from "../log/event-log.js";
import { parseStreamName } from "../log/stream-name.js";
import type { PartHealth } from "./health-notice.js";

/** The stream of the canaries. No reader can ask for it: the hub keeps the prefix to itself. */
const CANARY_STREAM = parseStreamName(`${RESERVED_PREFIX}canary`);

const CANARY_TYPE = `${RESERVED_PREFIX}canary`;

/** Canaries that stay in the log; every so many, those before them are trimmed. */
const KEPT_CANARIES = 16;

/** How a canary is sent, and who learns what becomes of it. */
export interface CanaryOptions {
  readonly log: EventLog;
  readonly environment: HubEnvironment;
  readonly intervalMs: number;
  readonly deadlineMs: number;
  /** How the log takes events, after every canary. */
  readonly onAppend: (health: PartHealth) => void;
  /** How the tail hears of them, after every canary that the log has taken. */
  readonly onTail: (health: PartHealth) => void;
  /** A canary was heard, so long after it was sent. */
  readonly onHeard: (lagMs: number) => void;
  /** Told of what is no verdict on the log: trimming that failed. */
  readonly onError: (error: unknown) => void;
}

/** The canary that is on its way. There is never more than one. */
interface Flight {
  readonly data: string;
  readonly sentMs: number;
  isTaken: boolean;
  isHeard: boolean;
}

/** Sends canaries until it is stopped. Its timers keep no process alive. */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #name: string;
  readonly #stopTimer: StopTimer;
  #count = 0;
  #tail: Tail | undefined;
  /** Where the tail stands, for the next one. */
  #heard: { readonly epoch: string; readonly offset: number } | undefined;
  #flight: Flight | undefined;
  #stopDeadline: StopTimer | undefined;
  /** Whether the log owes an answer. A log that never gives it is asked nothing more. */
  #isAsking = false;
  #isStopped = false;

  constructor(options: CanaryOptions) {
    this.#options = options;
    // Hubs may share a log; each listens for its own.
    this.#name = options.environment.newRequestId();
    this.#stopTimer = options.environment.every(options.intervalMs, () => this.#beat());
    this.#beat();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer();
    this.#stopDeadline?.();
    this.#tail?.close();
  }

  #beat(): void {
    if (this.#flight !== undefined || this.#isAsking) return;
    const { environment, deadlineMs } = this.#options;
    this.#count += 1;
    const data = `${this.#name} ${this.#count}`;
    const flight = { data, sentMs: environment.nowMs(), isTaken: false, isHeard: false };
    this.#flight = flight;
    this.#stopDeadline = environment.after(deadlineMs, () => this.#giveUp(flight));
    this.#isAsking = true;
    this.#send(flight)
      .catch((error: unknown) => this.#onRefused(flight, error))
      .finally(() => {
        this.#isAsking = false;
      });
  }

  async #send(flight: Flight): Promise<void> {
    const { log } = this.#options;
    if (this.#tail === undefined) await this.#openTail();
    const { events } = await log.append(CANARY_STREAM, [{ type: CANARY_TYPE, data: flight.data }]);
    if (this.#flight !== flight || this.#isStopped) return;
    flight.isTaken = true;
    this.#options.onAppend(WELL);
    this.#settle(flight);
    if (this.#count % KEPT_CANARIES === 0) this.#trim((events.at(-1)?.offset ?? 0) - KEPT_CANARIES);
  }

  async #openTail(): Promise<void> {
    const { log } = this.#options;
    this.#heard ??= await log.head(CANARY_STREAM);
    // It may have been stopped while the log answered.
    if (this.#isStopped) return;
    const { epoch, offset } = this.#heard;
    const tail = log.tail(CANARY_STREAM, { epoch, offset }, (message) => {
      if (this.#tail === tail) this.#hear(message);
    });
    this.#tail = tail;
  }

  #hear(message: TailMessage): void {
    if (message.kind === "gap") this.#heard = message.resumeAfter;
    if (message.kind !== "events") return;
    const { epoch, events } = message;
    this.#heard = { epoch, offset: events.at(-1)?.offset ?? 0 };
    const flight = this.#flight;
    if (flight === undefined || !events.some(({ data }) => data === flight.data)) return;
    flight.isHeard = true;
    this.#options.onHeard(this.#options.environment.nowMs() - flight.sentMs);
    this.#settle(flight);
  }

  /** It has arrived when the log has said so and the tail has: either may come first. */
  #settle(flight: Flight): void {
    if (!flight.isTaken || !flight.isHeard) return;
    this.#land();
    this.#options.onTail(WELL);
  }

  /** It is not awaited any more. */
  #land(): void {
    this.#flight = undefined;
    this.#stopDeadline?.();
  }

  /** It has not arrived in time. Which half failed says what to do about it. */
  #giveUp({ isTaken }: Flight): void {
    this.#land();
    const within = `within ${this.#options.deadlineMs} ms`;
    if (!isTaken) {
      this.#options.onAppend({ ok: false, reason: `the log did not answer ${within}` });
      return;
    }
    this.#tail?.close();
    this.#tail = undefined;
    this.#options.onTail({ ok: false, reason: `the tail did not hear of an event ${within}` });
  }

  #onRefused(flight: Flight, error: unknown): void {
    if (this.#flight !== flight || this.#isStopped) return;
    this.#land();
    const why = error instanceof StreamError ? error.code : "an error of the store";
    this.#options.onAppend({ ok: false, reason: `the log refused an event: ${why}` });
  }

  #trim(throughOffset: number): void {
    const { log, onError } = this.#options;
    if (throughOffset > 0) log.trim(CANARY_STREAM, throughOffset).catch(onError);
  }
}

const WELL: PartHealth = { ok: true };
