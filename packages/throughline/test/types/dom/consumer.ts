// A project for browsers that has the DOM's class and this one, and uses each for the other. It is
// compiled and not run.

import {
  defineEventSource,
  EventSource,
  type EventSourceOptions,
  installEventSource,
} from "throughline";

type Dom = globalThis.EventSource;
type DomClass = typeof globalThis.EventSource;

export const classes: readonly DomClass[] = [EventSource, defineEventSource({})];

export function replaceGlobal(): () => void {
  globalThis.EventSource = EventSource;
  return installEventSource();
}

export function useEachForTheOther(init: EventSourceInit, Class: DomClass): readonly unknown[] {
  const options: EventSourceOptions = init;
  const own = new EventSource(new URL("http://a.test/"), options);
  const dom: Dom = own;
  const standardPart: Pick<EventSource, keyof Dom> = dom;
  const onmessage: Dom["onmessage"] = own.onmessage;
  const made: Dom = new Class("http://a.test/", init);
  return [standardPart, onmessage, made];
}

export function listen(source: EventSource, object: EventListenerObject, plain: EventListener) {
  source.addEventListener("message", (event: MessageEvent<string>) => event.data.length);
  const once: AddEventListenerOptions = { once: true, signal: AbortSignal.timeout(1) };
  source.addEventListener("message", (event): string => event.lastEventId, once);
  source.addEventListener("open", function (event): readonly [Dom, Event] {
    return [this, event];
  });
  source.addEventListener("custom", (event): unknown => event.data);
  source.addEventListener("custom", object, true);
  source.removeEventListener("custom", object, { capture: true });
  source.addEventListener("message", plain);
  source.removeEventListener("message", plain);
  source.onmessage = (event): unknown => event.data;
  source.onerror = (event) => event.type;
  source.onopen = null;
  // @ts-expect-error An open event has no data: a listener's event is no `any`.
  source.addEventListener("open", (event) => event.data);
  // @ts-expect-error A number is no URL.
  return new EventSource(1);
}
