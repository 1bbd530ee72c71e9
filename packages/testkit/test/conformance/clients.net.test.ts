// The suite of clients, on the drop-in and on clients of others. What those are known not to do is listed: a case that
// fails and is not listed fails here, and so does one that is listed and passes.

import { EventSource as NpmEventSource } from "eventsource";
import { createEventSource } from "eventsource-client";
import { EventSource as DropIn } from "throughline";
import { beforeAll, describe, expect, it } from "vitest";
import { type ClientConformanceOptions, clientConformance } from "../../src/client-conformance.js";
import { KNOWN_FAILURES } from "./known-failures.js";

type Open = ClientConformanceOptions["open"];

/** The part of the standard's class that is used. */
interface Source {
  addEventListener(type: string, listener: (event: MessageEvent) => void): void;
  close(): void;
}

/** Opens a source of a class that is like the standard's. */
function openAs(create: (url: string) => Source): Open {
  return (url, onEvent) => {
    const source = create(url);
    for (const type of ["message", "other"]) {
      source.addEventListener(type, ({ data, lastEventId }) =>
        onEvent({ type, data, lastEventId }),
      );
    }
    return { close: () => source.close() };
  };
}

const CLIENTS: Readonly<Record<string, Open>> = {
  "drop-in": openAs((url) => new DropIn(url)),
  "eventsource 4": openAs((url) => new NpmEventSource(url)),
  "eventsource-client 1": (url, onEvent) => {
    let lastEventId = "";
    return createEventSource({
      url,
      onMessage: ({ event = "message", data, id }) => {
        lastEventId = id ?? lastEventId;
        onEvent({ type: event, data, lastEventId });
      },
    });
  },
};

/** A case that is known to fail need not be waited for as long as one that may pass. */
const KNOWN_WAIT_MS = 3000;

describe.each(Object.entries(CLIENTS))("%s", (client, open) => {
  const known = KNOWN_FAILURES[client] ?? {};
  const patient = clientConformance({ open, level: "resilient" });
  const hasty = clientConformance({ open, level: "resilient", waitMs: KNOWN_WAIT_MS });
  const failures = new Map<string, string | undefined>();

  beforeAll(async () => {
    const cases = patient.map((each, at) => (each.name in known ? hasty[at] : each));
    // Most of the time goes by in waiting: all at once take as long as one.
    await Promise.all(
      cases.map(async (each) => {
        const failed = await each?.run().catch(String);
        failures.set(each?.name ?? "", failed ?? undefined);
      }),
    );
  });

  it.each(patient)("$name", ({ name }) => {
    if (name in known) expect(failures.get(name), "it is listed as a failure").toBeDefined();
    else expect(failures.get(name)).toBeUndefined();
  });

  it("has no known failure that is not a case", () => {
    const names = patient.map(({ name }) => name);
    expect(Object.keys(known).filter((name) => !names.includes(name))).toEqual([]);
  });
});
