// Counts silence: how long nothing has gone through a connection.

/** Calls back when nothing has happened for as long as was set, once. */
export class IdleTimer {
  readonly #onIdle: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  /** Counts from now on, up to that many milliseconds; `undefined` for no end. */
  set(ms: number | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = ms === undefined ? undefined : setTimeout(this.#onIdle, ms);
  }

  /** Something happened: the count begins anew. */
  touch(): void {
    this.#timer?.refresh();
  }
}
