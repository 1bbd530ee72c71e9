// `onopen`, `onmessage`, `onerror`: event handler attributes as HTML has them (§8.1.8.1).

/** A function that is called as a method of the target, or `null`. */
export type Handler<E extends Event> = ((this: globalThis.EventSource, event: E) => unknown) | null;

/**
 * One event handler attribute of a target. It keeps its place among the listeners from the first
 * time it is set until it is set to `null`; what is no function counts as `null`.
 */
export class HandlerSlot<E extends Event> {
  readonly #target: EventTarget;
  readonly #type: string;
  #handler: Handler<E> = null;

  constructor(target: EventTarget, type: string) {
    this.#target = target;
    this.#type = type;
  }

  get value(): Handler<E> {
    return this.#handler;
  }

  set value(handler: Handler<E>) {
    const next = typeof handler === "function" ? handler : null;
    const had = this.#handler !== null;
    this.#handler = next;
    if (next === null && had) this.#target.removeEventListener(this.#type, this.#call);
    if (next !== null && !had) this.#target.addEventListener(this.#type, this.#call);
  }

  readonly #call = (event: Event): void => {
    // The target is an EventSource, and dispatches only events of E under this type.
    this.#handler?.call(this.#target as globalThis.EventSource, event as E);
  };
}
