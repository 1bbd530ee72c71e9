import { expectSame, type TestCase } from "../test-case.js";

/** A proposal that no browser ships: sources that read a stream of the page instead of a URL. */
export const readableStreamCases: readonly TestCase[] = [
  {
    // The suite asserts a good deal about such sources. All of it hangs on this, which fails as long
    // as there are none; when a browser has them, this one says that the rest is to be written.
    name: "sources can be made from a ReadableStream",
    covers: [
      "eventsource-from-readable-stream.any.js",
      "eventsource-from-readable-stream-fetch.window.js",
    ],
    scopes: ["window", "dedicated-worker"],
    run: (Subject) => {
      expectSame(typeof Reflect.get(Subject, "fromReadableStream"), "function", "its type");
    },
  },
];
