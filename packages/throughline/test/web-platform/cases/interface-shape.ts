import { expectSame, type TestCase } from "../test-case.js";

const covers = ["idlharness.html", "interfaces.html"];
const constants = { CONNECTING: 0, OPEN: 1, CLOSED: 2 };
const readonlyAttributes = ["url", "withCredentials", "readyState"];
const handlers = ["onopen", "onmessage", "onerror"] as const;

/** What can be found out about the class without a connection, as its interface definition says. */
export const interfaceCases: readonly TestCase[] = [
  {
    name: "the class is named EventSource",
    covers,
    run: (Subject) => {
      expectSame(Subject.name, "EventSource", "name");
    },
  },
  {
    name: "the constructor needs one argument",
    covers,
    run: (Subject, { watch }) => {
      expectSame(Subject.length, 1, "length");
      const construct = Subject as unknown as new () => EventSource;
      expectThrowsTypeError(() => watch(new construct()), "a call without an argument");
    },
  },
  {
    name: "a source is an EventTarget and names its class",
    covers,
    run: (Subject, { watch, origin }) => {
      const { source } = watch(new Subject(`${origin}/message`));
      expectSame(Object.getPrototypeOf(Subject) === EventTarget, true, "the class inherits");
      expectSame(source instanceof EventTarget, true, "it is an EventTarget");
      expectSame(source.constructor === Subject, true, "its constructor");
      expectSame(Object.prototype.toString.call(source), "[object EventSource]", "as a string");
    },
  },
  {
    name: "the states are constants of the class, of its prototype and of every source",
    covers,
    run: (Subject, { watch, origin }) => {
      const { source } = watch(new Subject(`${origin}/message`));
      for (const [name, value] of Object.entries(constants)) {
        const wanted = { value, writable: false, enumerable: true, configurable: false };
        for (const owner of [Subject, Subject.prototype]) {
          expectSame(describeProperty(owner, name), wanted, `${name} of the class or prototype`);
        }
        expectSame(Reflect.get(source, name), value, `${name} of the source`);
      }
    },
  },
  {
    name: "url, withCredentials and readyState are read-only attributes of the prototype",
    covers,
    run: (Subject, { watch, origin }) => {
      for (const name of readonlyAttributes) {
        const property = Object.getOwnPropertyDescriptor(Subject.prototype, name);
        const { enumerable, configurable, get, set } = property ?? {};
        const shape = { enumerable, configurable, get: typeof get, set: typeof set };
        const wanted = { enumerable: true, configurable: true, get: "function", set: "undefined" };
        expectSame(shape, wanted, name);
        expectThrowsTypeError(() => get?.call({}), `${name} of another object`);
      }
      const { source } = watch(new Subject(`${origin}/message`));
      const { url, withCredentials, readyState } = source;
      const wanted = { url: `${origin}/message`, withCredentials: false, readyState: 0 };
      expectSame({ url, withCredentials, readyState }, wanted, "the values of a new source");
      const other = watch(new Subject(`${origin}/message`, { withCredentials: true })).source;
      expectSame(other.withCredentials, true, "withCredentials as asked for");
    },
  },
  {
    name: "the handlers are attributes of the prototype that hold a function or null",
    covers,
    run: (Subject, { watch, origin }) => {
      const { source } = watch(new Subject(`${origin}/message`));
      for (const name of handlers) {
        const property = Object.getOwnPropertyDescriptor(Subject.prototype, name);
        const { enumerable, configurable, get, set } = property ?? {};
        const shape = { enumerable, configurable, get: typeof get, set: typeof set };
        const wanted = { enumerable: true, configurable: true, get: "function", set: "function" };
        expectSame(shape, wanted, name);
        expectSame(source[name], null, `${name} at first`);
        const handler = () => {};
        source[name] = handler;
        expectSame(source[name] === handler, true, `${name} is the function it was set to`);
        Reflect.set(source, name, "no function");
        expectSame(source[name], null, `${name} after a string`);
      }
    },
  },
  {
    name: "close is a method of the prototype without arguments",
    covers,
    run: (Subject) => {
      const { value, ...shape } = Object.getOwnPropertyDescriptor(Subject.prototype, "close") ?? {};
      const wanted = { writable: true, enumerable: true, configurable: true };
      expectSame(shape, wanted, "close");
      const close = value as () => void;
      expectSame(
        { type: typeof close, length: close.length },
        { type: "function", length: 0 },
        "it",
      );
      expectThrowsTypeError(() => close.call({}), "close of another object");
    },
  },
];

function describeProperty(owner: object, name: string): unknown {
  const { value, writable, enumerable, configurable } =
    Object.getOwnPropertyDescriptor(owner, name) ?? {};
  return { value, writable, enumerable, configurable };
}

function expectThrowsTypeError(action: () => unknown, what: string): void {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expectSame(thrown instanceof TypeError, true, `a TypeError from ${what}`);
}
