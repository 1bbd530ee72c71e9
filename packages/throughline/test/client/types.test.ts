// The drop-in where the DOM's EventSource is expected, and the other way round: the compiler is the
// test, and this file is part of what it checks.

import { defineEventSource, EventSource } from "throughline";
import { expect, it } from "vitest";

type Dom = globalThis.EventSource;
type DomClass = typeof globalThis.EventSource;

/** Compiles where `From` can be used as `To`. */
function usedAs<To>() {
  return <From extends To>(value: From): To => value;
}

it("can be used wherever the DOM's class and its instances are expected", () => {
  const asClass: DomClass = usedAs<DomClass>()(EventSource);
  const defined: DomClass = usedAs<DomClass>()(defineEventSource({}));
  const instance = (source: EventSource): Dom => source;
  expect([asClass, defined, instance].every(Boolean)).toBe(true);
});

it("asks no more of the standard's members than the DOM's instances have", () => {
  const standard = (source: Dom): Pick<EventSource, keyof Dom> => source;
  expect(standard).toBeTypeOf("function");
});

it("gives listeners the event types that the DOM does", () => {
  const use = (source: EventSource) => {
    source.addEventListener("alert", (event) => event.data);
    source.addEventListener("open", (event) => event.type);
    source.addEventListener("alert", { handleEvent: (event) => event.type });
    source.removeEventListener("alert", (event) => event.lastEventId);
    source.onmessage = (event) => event.data;
    source.onerror = null;
  };
  expect(use).toBeTypeOf("function");
});
