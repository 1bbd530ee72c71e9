// Questions to another process, each answered once or given up.

import type { Exchange, Questions } from "./control.js";

/** How long an answer is waited for, in milliseconds: a process that needs longer has other worries. */
const ANSWER_WITHIN_MS = 2000;

/** Answers the questions of the other side. What it rejects is not answered. */
export type Answerer = {
  readonly [Kind in keyof Questions]?: (
    asks: Questions[Kind]["asks"],
  ) => Questions[Kind]["answer"] | undefined | Promise<Questions[Kind]["answer"] | undefined>;
};

/** Both ends of asking: what was asked here, and what is asked of this side. */
export class Asking {
  readonly #send: (message: Exchange) => void;
  readonly #answerer: Answerer;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #lastId = 0;

  /** @param send must not throw where the other side is gone */
  constructor(send: (message: Exchange) => void, answerer: Answerer) {
    this.#send = send;
    this.#answerer = answerer;
  }

  /** Asks. `undefined` where no answer comes in time, because the other side is gone or busy. */
  ask<Kind extends keyof Questions>(
    about: Kind,
    asks: Questions[Kind]["asks"],
  ): Promise<Questions[Kind]["answer"] | undefined> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const settle = (answer: unknown) => {
        clearTimeout(late);
        this.#waiting.delete(id);
        // The other end is of this version, and answers what it was asked.
        resolve(answer as Questions[Kind]["answer"] | undefined);
      };
      const late = setTimeout(() => settle(undefined), ANSWER_WITHIN_MS);
      this.#waiting.set(id, settle);
      this.#send({ kind: "question", id, about, asks } as Exchange);
    });
  }

  /** Takes what the other side asks or answers. */
  take(message: Exchange): void {
    if (message.kind === "answer") this.#waiting.get(message.id)?.(message.answer);
    else void this.#answer(message);
  }

  /** Nobody answers any more. */
  giveUp(): void {
    for (const settle of [...this.#waiting.values()]) settle(undefined);
  }

  async #answer({ id, about, asks }: Extract<Exchange, { kind: "question" }>): Promise<void> {
    // By its name a question goes to the one who answers questions of that name.
    const answer = this.#answerer[about] as ((asks: unknown) => unknown) | undefined;
    this.#send({ kind: "answer", id, answer: await answer?.(asks) });
  }
}
