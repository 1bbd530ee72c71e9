// The suite of servers, on servers that are not Throughline's. What they do not do, as set up here, is listed: a case that
// fails and is not listed fails here, and so does one that is listed and passes.

import { type ServerUnderTest, serverConformance } from "@throughline/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { KNOWN_FAILURES } from "./known-failures.js";
import { type Kind, kinds } from "./servers.js";

/** Their signs of life are 1.1 s apart, as `KEEP_ALIVE_MS` has it; nchan's own are set to the same. */
const HEARTBEAT_WITHIN_MS = 2500;

async function createServer({ open }: Kind): Promise<ServerUnderTest> {
  const stage = await open();
  await stage.start();
  return {
    url: `http://127.0.0.1:${stage.port}/events`,
    publish: async () => String(await stage.insert()),
    dispose: () => stage.close(),
  };
}

const suites = kinds
  .filter(({ name }) => Object.hasOwn(KNOWN_FAILURES, name))
  .map((kind) => {
    const options = {
      createServer: () => createServer(kind),
      heartbeatWithinMs: HEARTBEAT_WITHIN_MS,
    };
    return {
      name: kind.name,
      isMissing: kind.missing !== undefined,
      known: KNOWN_FAILURES[kind.name] ?? {},
      patient: serverConformance(options),
      hasty: serverConformance({ ...options, waitMs: 1000 }),
      failures: new Map<string, string | undefined>(),
    };
  });

// Most of the time goes by in waiting: all at once take as long as one.
beforeAll(async () => {
  const runs = suites
    .filter(({ isMissing }) => !isMissing)
    .flatMap(({ known, patient, hasty, failures }) =>
      patient.map(async ({ name, run }, at) => {
        const chosen = name in known ? (hasty[at]?.run ?? run) : run;
        failures.set(name, await chosen().then(() => undefined, String));
      }),
    );
  await Promise.all(runs);
});

describe.each(suites)("$name", ({ isMissing, known, patient, failures }) => {
  // Only a machine that has it can run it; `npm test` installs it where it can.
  describe.skipIf(isMissing)("as a server of event streams", () => {
    it.each(patient)("$name", ({ name }) => {
      if (name in known) expect(failures.get(name), "it is listed as a failure").toBeDefined();
      else expect(failures.get(name)).toBeUndefined();
    });

    it("has no known failure that is not a case", () => {
      const names = patient.map(({ name }) => name);
      expect(Object.keys(known).filter((name) => !names.includes(name))).toEqual([]);
    });
  });
});
