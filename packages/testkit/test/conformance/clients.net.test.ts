// The suite of clients, on the drop-in and on clients of others. What those are known not to do is listed: a case that
// fails and is not listed fails here, and so does one that is listed and passes.

import { EventSource as NpmEventSource } from "eventsource";
import { createEventSource } from "eventsource-client";
import { EventSource as DropIn } from "throughline";
import { EventSource as UndiciEventSource } from "undici";
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
  // What Node itself has behind --experimental-eventsource.
  "undici 7": openAs((url) => new UndiciEventSource(url) as Source),
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

const suites = Object.entries(CLIENTS).map(([client, open]) => ({
  client,
  known: KNOWN_FAILURES[client] ?? {},
  patient: clientConformance({ open, level: "resilient" }),
  hasty: clientConformance({ open, level: "resilient", waitMs: KNOWN_WAIT_MS }),
  failures: new Map<string, string | undefined>(),
}));

beforeAll(async () => {
  for (const { known, patient, hasty, failures } of suites) {
    const runs = patient.map(async ({ name, run }, at) => {
      const chosen = name in known ? (hasty[at]?.run ?? run) : run;
      failures.set(name, await chosen().then(() => undefined, String));
    });
    // Most of the time goes by in waiting: those of one client at once take as long as one.
    await Promise.all(runs);
  }
});

describe.each(suites)("$client", ({ known, patient, failures }) => {
  it.each(patient)("$name", ({ name }) => {
    if (name in known) expect(failures.get(name), "it is listed as a failure").toBeDefined();
    else expect(failures.get(name)).toBeUndefined();
  });

  it("has no known failure that is not a case", () => {
    const names = patient.map(({ name }) => name);
    expect(Object.keys(known).filter((name) => !names.includes(name))).toEqual([]);
  });
});
